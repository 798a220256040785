#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <gantry/sdk/storage.hpp>

#include "images/catalogue.hpp"
#include "state/paths.hpp"

struct gzFile_s;

// A layer that was made here is not kept twice, as files and as a tar. Beside its files there is a recipe: the tar without the
// content of files, compressed, under the tar's digest. Whoever needs the tar (push, save) makes it again, byte for byte whatever
// has become of the program that wrote it, and the digest proves it.
namespace gantry::images {

class ImageService;

/// Where the recipe of a blob is: beside the place of the blob.
inline constexpr std::string_view recipe_suffix = ".recipe";
std::string recipe_path(const state::Paths&, const std::string& digest);
/// The layer's tar would have to be made first.
bool is_recipe_only(const state::Paths&, const Layer&);

/// What is on disk of the layer's blob, with its recipe.
std::uint64_t blob_bytes(const state::Paths&, const Layer&);
std::uint64_t blob_bytes(ImageService&, const Layer&);

class RecipeWriter {
 public:
  /// Makes the file.
  explicit RecipeWriter(const std::string& path);
  /// The next entry of the tar: its headers, and the size of the content behind them with its padding. With a size of 0 it is a
  /// part of the tar as it is.
  void add(std::string_view head, const std::string& path, std::uint64_t content);
  void finish();

 private:
  void put(const void* data, std::size_t size);
  std::unique_ptr<gzFile_s, int (*)(gzFile_s*)> file_;
};

/// Writes the tar of a layer, of which there is only the recipe, to the pipe `out`. data_loss when its files are not those that
/// it was made of, as far as that can be seen without the digest.
void write_tar(const state::Paths&, StorageDriver&, const Layer&, int out);

/// Sees to it that the layer's blob is there. Hold a lease of the layer. data_loss when its files have changed. `check` is called
/// again and again meanwhile, and may throw to end it.
void make_blob(const state::Paths&, StorageDriver&, const Layer&, const std::function<void()>& check);
void make_blob(ImageService&, const Layer&, const std::function<void()>& check);

} // namespace gantry::images

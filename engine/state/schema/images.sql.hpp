#pragma once

namespace gantry::state {

/// `images.config` is the config blob byte for byte (the id is its digest); which layers an image has follows from it.
/// `layers.chain` is the committed snapshot of the storage driver, `blob` the tar in the content store that it came from.
/// `image_names.name` is the full form: "docker.io/library/busybox:latest" or "docker.io/library/busybox@sha256:…".
/// `embedded_archives` holds archives shipped with the engine that were loaded once, so that a user's `rmi` lasts.
inline constexpr const char* images_v1 = R"sql(
CREATE TABLE images (
  id        TEXT PRIMARY KEY,
  config    TEXT NOT NULL,
  tagged_ns INTEGER NOT NULL
);
CREATE TABLE layers (
  chain     TEXT PRIMARY KEY,
  parent    TEXT NOT NULL,
  diff_id   TEXT NOT NULL,
  size      INTEGER NOT NULL,
  blob      TEXT NOT NULL,
  blob_size INTEGER NOT NULL
);
CREATE TABLE image_names (
  name     TEXT PRIMARY KEY,
  image_id TEXT NOT NULL REFERENCES images(id) ON DELETE CASCADE
);
CREATE INDEX names_of_image ON image_names(image_id);
CREATE TABLE embedded_archives (
  digest TEXT PRIMARY KEY
);
)sql";

/// `images.parent` is the image that one was made from here (a commit, a step of a build); empty: none or gone. `last_used_ns` is
/// when it was made, pulled, or a container was made of it; what was there before counts as used now. `other_platforms` holds the
/// images beside the one in `image_names`: of the same index, for further platforms.
inline constexpr const char* images_v6 = R"sql(
ALTER TABLE images ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN last_used_ns INTEGER NOT NULL DEFAULT 0;
UPDATE images SET last_used_ns = CAST(strftime('%s', 'now') AS INTEGER) * 1000000000;
CREATE TABLE other_platforms (
  name     TEXT NOT NULL REFERENCES image_names(name) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  PRIMARY KEY (name, image_id)
);
CREATE INDEX other_platforms_of_image ON other_platforms(image_id);
)sql";

} // namespace gantry::state

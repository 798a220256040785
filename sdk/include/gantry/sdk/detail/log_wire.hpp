#pragma once

#include <gantry/abi/v1/log.h>
#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/log.hpp>

// The structs of gantry/abi/v1/log.h as those of gantry/sdk/log.hpp (`*_of`) and back (`to_*`, `*View`). A view borrows from
// the value that it was made of.
namespace gantry::detail {

inline std::vector<gantry_kv> pair_views(const LogSettings& pairs) {
  std::vector<gantry_kv> views;
  views.reserve(pairs.size());
  for (const auto& pair : pairs) views.push_back({view(pair.first), view(pair.second)});
  return views;
}

inline LogSettings pairs_of(const gantry_array& array) {
  LogSettings pairs;
  each<gantry_kv>(array, sizeof(gantry_kv), [&](const gantry_kv* kv) { pairs.push_back(pair_of(*kv)); });
  return pairs;
}

class LogSourceView {
 public:
  explicit LogSourceView(const LogSource& s) : options_(pair_views(s.options)), attributes_(pair_views(s.attributes)) {
    c_ = sized<gantry_log_source>();
    c_.id = view(s.id);
    c_.name = view(s.name);
    c_.image_id = view(s.image_id);
    c_.image_name = view(s.image_name);
    c_.command = view(s.command);
    c_.tag = view(s.tag);
    c_.created_ns = s.created_ns;
    c_.options = array_of(options_);
    c_.attributes = array_of(attributes_);
  }
  LogSourceView(const LogSourceView&) = delete;
  LogSourceView& operator=(const LogSourceView&) = delete;
  const gantry_log_source* get() const { return &c_; }

 private:
  std::vector<gantry_kv> options_, attributes_;
  gantry_log_source c_{};
};

inline LogSource log_source_of(const gantry_log_source* theirs) {
  const gantry_log_source s = read(theirs);
  LogSource source;
  source.id = text(s.id);
  source.name = text(s.name);
  source.image_id = text(s.image_id);
  source.image_name = text(s.image_name);
  source.command = text(s.command);
  source.tag = text(s.tag);
  source.created_ns = s.created_ns;
  source.options = pairs_of(s.options);
  source.attributes = pairs_of(s.attributes);
  return source;
}

inline std::vector<gantry_log_record> record_views(const std::vector<LogRecord>& records) {
  std::vector<gantry_log_record> views;
  views.reserve(records.size());
  for (const auto& record : records) {
    auto r = sized<gantry_log_record>();
    r.flags = (record.err ? GANTRY_LOG_RECORD_STDERR : 0) | (record.more ? GANTRY_LOG_RECORD_MORE : 0);
    r.time_ns = record.time_ns;
    r.text = view(record.text);
    r.line = record.line;
    r.part = record.part;
    views.push_back(r);
  }
  return views;
}

inline std::vector<LogRecord> records_of(const gantry_array& array) {
  std::vector<LogRecord> records;
  records.reserve(array.count < max_count ? array.count : 0);
  each<gantry_log_record>(array, sizeof(std::uint64_t), [&](const gantry_log_record* theirs) {
    const gantry_log_record r = read(theirs);
    LogRecord record;
    record.err = r.flags & GANTRY_LOG_RECORD_STDERR;
    record.more = r.flags & GANTRY_LOG_RECORD_MORE;
    record.time_ns = r.time_ns;
    record.text = text(r.text);
    record.line = r.line;
    record.part = r.part;
    records.push_back(std::move(record));
  });
  return records;
}

inline gantry_log_progress to_progress(std::size_t delivered) {
  auto p = sized<gantry_log_progress>();
  p.delivered = delivered;
  return p;
}

inline std::uint64_t progress_of(const gantry_log_progress* theirs) { return read(theirs).delivered; }

} // namespace gantry::detail

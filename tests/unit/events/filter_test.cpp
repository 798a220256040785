#include "events/filter.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

using namespace gantry::events;

namespace {

const Event started = {
    "container", "start", "0123abcd", {{"image", "host:5000/busybox:1.36"}, {"name", "web"}, {"tier", "front"}, {"x", ""}}, 1};
const Event pulled = {"image", "pull", "busybox:latest", {{"name", "busybox"}}, 1};
const Event exec = {"container", "exec_create: sh -c true", "0123abcd", {{"name", "web"}}, 1};
const Event healthy = {"container", "health_status: healthy", "0123abcd", {{"name", "web"}}, 1};
const Event network = {"network", "connect", "feed", {{"name", "web"}, {"container", "0123abcd"}}, 1};

struct Row {
  const char* name;
  const Event& event;
  Filter::Values values;
  bool matches;
};

TEST(EventFilter, matches_as_dockers) {
  const Row rows[] = {
      {"everything", started, {}, true},
      {"container by name", started, {{"container", {"web"}}}, true},
      {"container by id prefix", started, {{"container", {"0123"}}}, true},
      {"another container", started, {{"container", {"db"}}}, false},
      {"values are alternatives", started, {{"container", {"db", "web"}}}, true},
      {"keys all count", started, {{"container", {"web"}}, {"event", {"stop"}}}, false},
      {"container selects its type", network, {{"container", {"web"}}}, false},
      {"network by name", network, {{"network", {"web"}}}, true},
      {"type", started, {{"type", {"container"}}}, true},
      {"other type", started, {{"type", {"image"}}}, false},
      {"scope", started, {{"scope", {"local"}}}, true},
      {"swarm scope", started, {{"scope", {"swarm"}}}, false},
      {"action", started, {{"event", {"start"}}}, true},
      {"action is no prefix", started, {{"event", {"sta"}}}, false},
      {"exec kind", exec, {{"event", {"exec_create"}}}, true},
      {"other exec kind", exec, {{"event", {"exec_start"}}}, false},
      {"health kind", healthy, {{"event", {"health_status"}}}, true},
      {"health exactly", healthy, {{"event", {"health_status: unhealthy"}}}, false},
      {"label key", started, {{"label", {"tier"}}}, true},
      {"label value", started, {{"label", {"tier=front"}}}, true},
      {"empty label value", started, {{"label", {"x="}}}, true},
      {"wrong label value", started, {{"label", {"tier=back"}}}, false},
      {"labels all count", started, {{"label", {"tier=front", "zone"}}}, false},
      {"container's image, port in the host", started, {{"image", {"host:5000/busybox"}}}, true},
      {"container's image tagged", started, {{"image", {"host:5000/busybox:1.36"}}}, true},
      {"host is no image", started, {{"image", {"host"}}}, false},
      {"image by actor", pulled, {{"image", {"busybox:latest"}}}, true},
      {"image by name", pulled, {{"image", {"busybox"}}}, true},
      {"other image", pulled, {{"image", {"alpine"}}}, false},
      {"networks have no image", network, {{"image", {""}}}, false},
  };
  for (const auto& row : rows) EXPECT_EQ(Filter(row.values).matches(row.event), row.matches) << row.name;
}

TEST(EventFilter, a_key_that_does_not_exist_filters_nothing) {
  const Filter::Values values = {{"colour", {"red"}}, {"type", {"image"}}};
  Event event;
  event.type = "image";
  EXPECT_TRUE(Filter(values).matches(event));
  event.type = "container";
  EXPECT_FALSE(Filter(values).matches(event));
}

} // namespace

/* A storage plugin in plain C that does nothing well. Each file beside this one breaks one thing of it. */
#pragma once

#include <gantry/abi/v1/storage.h>
#include <string.h>

static gantry_str minimal_str(const char* text) {
  gantry_str s;
  s.ptr = text;
  s.len = strlen(text);
  return s;
}

static int instance;

static int32_t ok_create(const gantry_call* call, const gantry_host* host, const gantry_str* config, void** self) {
  (void)call, (void)host, (void)config;
  *self = &instance;
  return GANTRY_OK;
}
static void ok_destroy(void* self) { (void)self; }
static int32_t ok_name(void* self, const gantry_call* call, const gantry_sink* sink) {
  const gantry_str name = minimal_str("minimal");
  (void)self, (void)call;
  sink->put(sink->ctx, &name);
  return GANTRY_OK;
}
static int32_t ok_status(void* self, const gantry_call* call, const gantry_sink* sink) {
  (void)self, (void)call, (void)sink;
  return GANTRY_OK;
}
static int32_t ok_prepare(void* self, const gantry_call* call, const gantry_str* key, const gantry_str* parent,
                          const gantry_snapshot_options* options, const gantry_sink* sink) {
  (void)self, (void)call, (void)key, (void)parent, (void)options, (void)sink;
  return GANTRY_OK;
}
static int32_t ok_view(void* self, const gantry_call* call, const gantry_str* key, const gantry_str* parent,
                       const gantry_sink* sink) {
  (void)self, (void)call, (void)key, (void)parent, (void)sink;
  return GANTRY_OK;
}
static int32_t ok_on_one(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink) {
  (void)self, (void)call, (void)id, (void)sink;
  return GANTRY_OK;
}
static int32_t ok_commit(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* key,
                         const gantry_str* parent) {
  (void)self, (void)call, (void)name, (void)key, (void)parent;
  return GANTRY_OK;
}
static int32_t ok_remove(void* self, const gantry_call* call, const gantry_str* id) {
  (void)self, (void)call, (void)id;
  return GANTRY_OK;
}
static int32_t ok_reconcile(void* self, const gantry_call* call, const gantry_array* live) {
  (void)self, (void)call, (void)live;
  return GANTRY_OK;
}

static gantry_storage_table minimal_table(void) {
  gantry_storage_table t;
  memset(&t, 0, sizeof t);
  t.size = sizeof t;
  t.name = ok_name;
  t.status = ok_status;
  t.prepare = ok_prepare;
  t.view = ok_view;
  t.mounts = ok_on_one;
  t.commit = ok_commit;
  t.remove = ok_remove;
  t.stat = ok_on_one;
  t.list = ok_status;
  t.usage = ok_on_one;
  t.reconcile = ok_reconcile;
  return t;
}

/* Static storage of the one plugin in this library. */
static gantry_storage_table the_table;
static gantry_driver the_driver;
static gantry_plugin the_plugin;

static gantry_plugin* minimal_plugin(gantry_storage_table table) {
  the_table = table;
  the_driver.size = sizeof the_driver;
  the_driver.name = minimal_str("faulty");
  the_driver.interface = minimal_str(GANTRY_STORAGE_INTERFACE);
  the_driver.table = &the_table;
  the_driver.create = ok_create;
  the_driver.destroy = ok_destroy;
  the_plugin.size = sizeof the_plugin;
  the_plugin.abi_major = GANTRY_ABI_MAJOR;
  the_plugin.abi_minor = GANTRY_ABI_MINOR;
  the_plugin.id = minimal_str("org.example.faulty");
  the_plugin.version = minimal_str("1.0");
  the_plugin.drivers.ptr = &the_driver;
  the_plugin.drivers.count = 1;
  the_plugin.drivers.stride = sizeof the_driver;
  return &the_plugin;
}

#define ENTRY __attribute__((visibility("default"))) const gantry_plugin* gantry_plugin_entry_v1(const gantry_engine* engine)

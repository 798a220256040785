/* The network driver, interface "gantry.network/1". The meaning of every member is told in gantry/sdk/network.hpp, whose
 * class and structs these mirror one to one. */
#ifndef GANTRY_ABI_V1_NETWORK_H
#define GANTRY_ABI_V1_NETWORK_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_NETWORK_INTERFACE "gantry.network/1"

#define GANTRY_NETWORK_INTERNAL 1u

typedef struct gantry_address_pool {
  uint32_t size;
  uint32_t reserved;
  gantry_str subnet;  /* "172.18.0.0/16" */
  gantry_str gateway; /* "172.18.0.1"; may be empty */
} gantry_address_pool;

typedef struct gantry_network_create {
  uint32_t size;
  uint32_t flags; /* GANTRY_NETWORK_* */
  gantry_str id;
  gantry_str name;
  gantry_array pools;   /* of gantry_address_pool */
  gantry_array options; /* of gantry_kv */
} gantry_network_create;

typedef struct gantry_endpoint_create {
  uint32_t size;
  uint32_t reserved;
  gantry_str network_id;
  gantry_str endpoint_id;
  gantry_str mac;         /* empty: the driver chooses */
  gantry_array addresses; /* of gantry_str, CIDR */
  gantry_array options;   /* of gantry_kv */
} gantry_endpoint_create;

typedef struct gantry_endpoint {
  uint32_t size;
  uint32_t reserved;
  gantry_str mac;
  gantry_array addresses; /* of gantry_str, CIDR */
} gantry_endpoint;

#define GANTRY_JOIN_DEFAULT_ROUTE_IPV4 1u
#define GANTRY_JOIN_DEFAULT_ROUTE_IPV6 2u

typedef struct gantry_network_join {
  uint32_t size;
  int32_t netns_fd; /* borrowed */
  gantry_str network_id;
  gantry_str endpoint_id;
  gantry_str interface_hint; /* "eth0" */
  gantry_array options;      /* of gantry_kv */
  uint32_t flags;            /* GANTRY_JOIN_* */
  uint32_t reserved;
} gantry_network_join;

typedef struct gantry_route {
  uint32_t size;
  uint32_t reserved;
  gantry_str destination; /* CIDR */
  gantry_str gateway;     /* empty: on the link */
} gantry_route;

typedef struct gantry_joined {
  uint32_t size;
  uint32_t reserved;
  gantry_str interface;
  gantry_array routes; /* of gantry_route */
} gantry_joined;

typedef struct gantry_port {
  uint32_t size;
  uint32_t container_port;
  uint32_t host_port;     /* 0: the driver chooses */
  uint32_t host_port_end; /* the last one of a range to choose from; 0: none */
  gantry_str protocol;    /* "tcp" "udp" "sctp" */
  gantry_str host_ip;
} gantry_port;

/* Items put into the sink stand after the arrow. */
typedef struct gantry_network_table {
  uint32_t size;
  uint32_t reserved;
  /* Required, idempotent by id [op]. invalid, already_exists (an address pool, a name of the host). */
  int32_t (*create_network)(void* self, const gantry_call* call, const gantry_network_create* request);
  /* Required, missing is OK [op]. in_use. */
  int32_t (*delete_network)(void* self, const gantry_call* call, const gantry_str* id);
  /* Required, idempotent by id [op] → one gantry_endpoint. not_found, invalid, already_exists (an address). */
  int32_t (*create_endpoint)(void* self, const gantry_call* call, const gantry_endpoint_create* request, const gantry_sink* sink);
  /* Required, missing is OK [op]. */
  int32_t (*delete_endpoint)(void* self, const gantry_call* call, const gantry_str* network_id, const gantry_str* endpoint_id);
  /* Required, idempotent [op] → one gantry_joined. not_found. The calling thread is back in its own namespace on return. */
  int32_t (*join)(void* self, const gantry_call* call, const gantry_network_join* request, const gantry_sink* sink);
  /* Required, idempotent [op]. */
  int32_t (*leave)(void* self, const gantry_call* call, const gantry_str* network_id, const gantry_str* endpoint_id);
  /* Optional [op] → one gantry_port per port as published. `ports` (of gantry_port) replaces what was published before, in
   * one step. already_exists (a host port), not_found. */
  int32_t (*publish)(void* self, const gantry_call* call, const gantry_str* network_id, const gantry_str* endpoint_id,
                     const gantry_array* ports, const gantry_sink* sink);
  /* Required, idempotent [main]. live_endpoints: of gantry_str. */
  int32_t (*reconcile)(void* self, const gantry_call* call, const gantry_array* live_networks,
                       const gantry_array* live_endpoints);
} gantry_network_table;

#ifdef __cplusplus
}
#endif

#endif

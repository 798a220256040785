#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

// One handler per file of this folder.
namespace gantry::api {

Task<void> get_images(Services&, Request&, Reply&);
Task<void> get_image(Services&, Request&, Reply&);
Task<void> get_image_history(Services&, Request&, Reply&);
Task<void> post_image_tag(Services&, Request&, Reply&);
Task<void> delete_image(Services&, Request&, Reply&);
Task<void> post_image_load(Services&, Request&, Reply&);
Task<void> get_saved_images(Services&, Request&, Reply&);
Task<void> get_saved_image(Services&, Request&, Reply&);
Task<void> post_image_create(Services&, Request&, Reply&);
Task<void> post_image_push(Services&, Request&, Reply&);
Task<void> get_image_search(Services&, Request&, Reply&);
Task<void> get_distribution(Services&, Request&, Reply&);
Task<void> post_image_prune(Services&, Request&, Reply&);

} // namespace gantry::api

#include <gantry/sdk/plugin.hpp>

#include "docker_driver.hpp"

GANTRY_PLUGIN("io.gantry.volume-docker", "0.1.0", gantry::driver<gantry::volume_docker::DockerDriver>("docker"))

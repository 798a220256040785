#include "cli/commands/all.hpp"
#include "cli/commands/command.hpp"

namespace gantry::cli {
namespace {

constexpr Command table[] = {
    {"container", "attach", "", "attach", "[OPTIONS] CONTAINER", "Connect the terminal with a running container", 1, 1,
     attach_container},
    {"container", "create", "", "create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a container without starting it", 1, -1,
     create_container_command},
    {"container", "diff", "", "diff", "CONTAINER", "List what a container has changed in its file system", 1, 1, container_diff},
    {"container", "exec", "", "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]", "Run a command in a running container", 2, -1,
     exec_in_container},
    {"container", "explain", "", "explain", "[OPTIONS] CONTAINER [CONTAINER...]",
     "Say why containers are not running, or what holds them back", 1, -1, explain_containers},
    {"container", "export", "", "export", "[OPTIONS] CONTAINER", "Write a container's file system as a tar archive", 1, 1,
     export_container},
    {"container", "inspect", "", "", "[OPTIONS] CONTAINER [CONTAINER...]", "Show everything about containers", 1, -1,
     inspect_containers},
    {"container", "kill", "", "kill", "[OPTIONS] CONTAINER [CONTAINER...]", "Send running containers a signal, SIGKILL at first",
     1, -1, kill_containers},
    {"container", "logs", "", "logs", "[OPTIONS] CONTAINER", "Show what a container has printed", 1, 1, container_logs},
    {"container", "ls", "list ps", "ps", "[OPTIONS]", "List containers", 0, 0, list_containers},
    {"container", "pause", "", "pause", "CONTAINER [CONTAINER...]", "Freeze the processes of containers", 1, -1,
     pause_containers},
    {"container", "port", "", "port", "CONTAINER [PRIVATE_PORT[/PROTO]]", "List the published ports of a container", 1, 2,
     container_port},
    {"container", "prune", "", "", "[OPTIONS]", "Remove all stopped containers", 0, 0, prune_containers},
    {"container", "rename", "", "rename", "CONTAINER NEW_NAME", "Give a container another name", 2, 2, rename_container},
    {"container", "restart", "", "restart", "[OPTIONS] CONTAINER [CONTAINER...]", "Stop and start containers", 1, -1,
     restart_containers},
    {"container", "rm", "remove", "rm", "[OPTIONS] CONTAINER [CONTAINER...]", "Remove containers", 1, -1, remove_containers},
    {"container", "run", "", "run", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a container from an image and run it", 1, -1,
     run_container},
    {"container", "start", "", "start", "[OPTIONS] CONTAINER [CONTAINER...]", "Start stopped containers", 1, -1,
     start_containers},
    {"container", "stats", "", "stats", "[OPTIONS] [CONTAINER...]", "Watch what containers use", 0, -1, container_stats},
    {"container", "stop", "", "stop", "[OPTIONS] CONTAINER [CONTAINER...]", "Stop running containers", 1, -1, stop_containers},
    {"container", "top", "", "top", "CONTAINER [ps OPTIONS]", "List the processes of a container", 1, -1, container_top},
    {"container", "unpause", "", "unpause", "CONTAINER [CONTAINER...]", "Let frozen containers go on", 1, -1, unpause_containers},
    {"container", "update", "", "update", "[OPTIONS] CONTAINER [CONTAINER...]",
     "Change the limits and the restart policy of containers", 1, -1, update_containers},
    {"container", "wait", "", "wait", "CONTAINER [CONTAINER...]", "Wait until containers stop, and print their exit codes", 1, -1,
     wait_containers},
    {"image", "history", "", "history", "[OPTIONS] IMAGE", "Show the layers of an image and how they were made", 1, 1,
     image_history},
    {"image", "import", "", "import", "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
     "Make an image of a root filesystem in a tar archive", 1, 2, import_image},
    {"image", "inspect", "", "", "[OPTIONS] IMAGE [IMAGE...]", "Show everything about images", 1, -1, inspect_images},
    {"image", "load", "", "load", "[OPTIONS]", "Load images from a tar archive", 0, 0, load_images},
    {"image", "ls", "list", "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images", 0, 1, list_images},
    {"image", "prune", "", "", "[OPTIONS]", "Remove images that nothing names or uses", 0, 0, prune_images},
    {"image", "rm", "remove", "rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove images", 1, -1, remove_images},
    {"image", "save", "", "save", "[OPTIONS] IMAGE [IMAGE...]", "Write images as a tar archive", 1, -1, save_images},
    {"image", "tag", "", "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", "Give an image another name", 2, 2, tag_image},
    {"plugin", "ls", "list", "", "[OPTIONS]", "List the drivers that the engine found: loaded, skipped or failed, and why", 0, 0,
     list_plugins},
    {"system", "check", "", "", "[OPTIONS]", "Verify every image, layer and blob, and mend what can be mended", 0, 0,
     check_system},
    {"system", "df", "", "", "[OPTIONS]", "Show what takes room on the disk", 0, 0, system_df},
    {"system", "events", "", "events", "[OPTIONS]", "Follow what happens in the engine", 0, 0, system_events},
    {"system", "info", "", "info", "[OPTIONS]", "Show facts about the engine and its host", 0, 0, system_info},
    {"", "inspect", "", "inspect", "[OPTIONS] NAME|ID [NAME|ID...]", "Show everything about containers and images", 1, -1,
     inspect_any},
    {"", "version", "", "version", "[OPTIONS]", "Show the versions of client and engine", 0, 0, show_version},
};

} // namespace

std::span<const Command> commands() { return table; }

} // namespace gantry::cli

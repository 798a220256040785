# gantry_add_plugin(<name> MANIFEST plugin.json SOURCES a.cpp … [LINK libs…] [OUTPUT_DIRECTORY dir])
#
# Builds <name>.so and puts it with its manifest <name>.json into one directory: OUTPUT_DIRECTORY, else
# ${GANTRY_PLUGIN_DIR}, else the current binary directory. The library exports gantry_plugin_entry_v1 and nothing else,
# and has no undefined symbols. Whatever is wrong with the manifest is said when CMake runs.

set(GANTRY_PLUGIN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/plugin.exports)
set(GANTRY_ABI_HEADER ${CMAKE_CURRENT_LIST_DIR}/../include/gantry/abi/v1/core.h)
if(NOT EXISTS ${GANTRY_ABI_HEADER}) # installed: <prefix>/lib/cmake/gantry-sdk
  set(GANTRY_ABI_HEADER ${CMAKE_CURRENT_LIST_DIR}/../../../include/gantry/abi/v1/core.h)
endif()
set_property(GLOBAL PROPERTY GANTRY_PLUGIN_EXPORTS ${GANTRY_PLUGIN_EXPORTS})
set_property(GLOBAL PROPERTY GANTRY_ABI_HEADER ${GANTRY_ABI_HEADER})

function(gantry_add_plugin name)
  cmake_parse_arguments(arg "" "MANIFEST;OUTPUT_DIRECTORY" "SOURCES;LINK" ${ARGN})
  foreach(needed MANIFEST SOURCES)
    if(NOT arg_${needed})
      message(FATAL_ERROR "gantry_add_plugin(${name}): ${needed} is missing")
    endif()
  endforeach()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    if(GANTRY_PLUGIN_DIR)
      set(arg_OUTPUT_DIRECTORY ${GANTRY_PLUGIN_DIR})
    endif()
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  if(TARGET gantry-sdk::gantry_sdk)
    target_link_libraries(${name} PRIVATE gantry-sdk::gantry_sdk)
  else()
    target_link_libraries(${name} PRIVATE gantry_sdk)
  endif()
  gantry_plugin_link_flags(${name})
  gantry_plugin_manifest(${name} ${arg_MANIFEST} ${arg_OUTPUT_DIRECTORY})
endfunction()

# Exports the entry only. A libc++ of the plugin's own is linked statically and hidden: were it shared, the host's libstdc++
# would answer for parts of the C++ ABI and `catch` would stop matching.
function(gantry_plugin_link_flags name)
  get_property(exports GLOBAL PROPERTY GANTRY_PLUGIN_EXPORTS)
  target_link_options(${name} PRIVATE -Wl,--version-script=${exports} -Wl,-z,now -Wl,--exclude-libs,ALL)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${exports})
  if(NOT GANTRY_SANITIZE) # a sanitizer's runtime is found in the host
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_FLAGS MATCHES "-stdlib=libc\\+\\+")
    target_link_options(${name} PRIVATE -nostdlib++)
    target_link_libraries(${name} PRIVATE -Wl,-Bstatic -lc++ -lc++abi -Wl,-Bdynamic)
  endif()
endfunction()

# Checks the manifest, records which ABI the plugin was built with, and places it beside the library.
function(gantry_plugin_manifest name manifest directory)
  get_filename_component(manifest ${manifest} ABSOLUTE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} json)
  foreach(member id version drivers)
    string(JSON value ERROR_VARIABLE problem GET "${json}" ${member})
    if(problem)
      message(FATAL_ERROR "${manifest}: ${problem}")
    endif()
  endforeach()
  get_property(header GLOBAL PROPERTY GANTRY_ABI_HEADER)
  file(STRINGS ${header} lines REGEX "^#define GANTRY_ABI_(MAJOR|MINOR) ")
  string(REGEX REPLACE "[^0-9;]" "" numbers "${lines}")
  list(JOIN numbers "." abi)
  string(JSON json SET "${json}" abi "{\"built\": \"${abi}\", \"requires\": \"${abi}\"}")
  file(MAKE_DIRECTORY ${directory})
  file(CONFIGURE OUTPUT ${directory}/${name}.json CONTENT "${json}\n" @ONLY)
endfunction()

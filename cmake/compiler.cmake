# Flags for every target of the project, and ccache when it is there.
add_library(gantry_warnings INTERFACE)
target_compile_options(gantry_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)

find_program(CCACHE ccache)
if(CCACHE)
  set(launcher env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

set(GANTRY_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
if(GANTRY_SANITIZE)
  add_compile_options(-fsanitize=${GANTRY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  # Checks at every access through a pointer are a fifth of the time that a build takes; a null pointer is AddressSanitizer's anyway.
  if(GANTRY_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=null,alignment,vptr)
  endif()
  add_link_options(-fsanitize=${GANTRY_SANITIZE})
endif()

add_compile_options(-fstack-protector-strong -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)

# Developers' builds are linked by mold, in a fifth of the time. What is shipped is linked by the ordinary linker.
find_program(MOLD mold)
if(MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-fuse-ld=mold)
endif()

# gantry_static_program(target): static, small, and never sanitized (the sanitizers' runtimes need dynamic linking).
function(gantry_static_program target)
  target_compile_options(${target} PRIVATE -fno-sanitize=all)
  target_link_options(${target} PRIVATE -static -fno-sanitize=all -fuse-ld=bfd)
endfunction()

# Included by folders whose files cost more to parse than to compile: several at a time are one unit, in less than half the time.
# Names in anonymous namespaces have to differ inside a folder then. Off while one file is worked on (the presets debug and tsan).
if(GANTRY_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)
  # It takes a file that is included for a header.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()

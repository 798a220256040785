include(${CMAKE_CURRENT_LIST_DIR}/gantry-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/GantryPlugin.cmake)

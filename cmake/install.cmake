# An install tree is the build tree, copied: bin, lib/gantry/plugins, libexec/gantry, share/gantry, and a systemd unit.
install(TARGETS gantryd gantry RUNTIME DESTINATION bin)
install(DIRECTORY ${GANTRY_PLUGIN_DIR}/ DESTINATION lib/gantry/plugins USE_SOURCE_PERMISSIONS)
install(DIRECTORY ${GANTRY_LIBEXEC_DIR}/ DESTINATION libexec/gantry USE_SOURCE_PERMISSIONS)
install(DIRECTORY ${GANTRY_SHARE_DIR}/ DESTINATION share/gantry)
# The prefix is known at install time only.
install(CODE "
  set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/cmake/gantry.service.in\" \"${CMAKE_BINARY_DIR}/gantry.service\" @ONLY)
  file(INSTALL \"${CMAKE_BINARY_DIR}/gantry.service\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/gantry.service\")
")

# The package: what is installed, and the same package config for this build tree (find_package with corymb_DIR).
include(CMakePackageConfigHelpers)

set(corymb_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/corymb")

install(DIRECTORY include/corymb DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# One export set per component: corymb::headers must be found even where a dependency of the library is missing.
set(corymb_export_sets headers)
set(corymb_components headers)
install(TARGETS corymb_headers EXPORT corymb-headers-targets)
if(CORYMB_COMPILED)
  list(APPEND corymb_export_sets compiled)
  list(APPEND corymb_components corymb compiled)
  install(TARGETS corymb_compiled EXPORT corymb-compiled-targets)
endif()
foreach(set IN LISTS corymb_export_sets)
  install(EXPORT corymb-${set}-targets NAMESPACE corymb:: DESTINATION "${corymb_package_dir}")
  export(EXPORT corymb-${set}-targets NAMESPACE corymb:: FILE "${PROJECT_BINARY_DIR}/corymb-${set}-targets.cmake")
endforeach()

if(TARGET corymb_tool)
  file(RELATIVE_PATH corymb_bin_to_lib "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
  set_target_properties(corymb_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${corymb_bin_to_lib}")
  install(TARGETS corymb_tool)
endif()

# What a consumer of the static library must find: what its objects call. A shared library brings its own.
set(corymb_find_dependencies "")
set(corymb_openmp "")
set(corymb_openmp_dir "")
set(corymb_pc_libs "")
if(CORYMB_COMPILED AND NOT BUILD_SHARED_LIBS)
  foreach(dependency IN LISTS corymb_dependencies)
    if(dependency STREQUAL "OpenMP")
      list(GET OpenMP_CXX_LIB_NAMES 0 corymb_openmp)  # gomp or omp; pthread, which may follow, comes with it
      get_filename_component(corymb_openmp_dir "${OpenMP_${corymb_openmp}_LIBRARY}" DIRECTORY)
      if(NOT corymb_openmp STREQUAL "gomp")  # which compilers on a GNU system find by themselves
        string(APPEND corymb_pc_libs " -L${corymb_openmp_dir}")
      endif()
      string(APPEND corymb_pc_libs " -l${corymb_openmp}")
    else()
      string(APPEND corymb_find_dependencies "  find_dependency(${dependency})\n")
    endif()
  endforeach()
  if("hwy CONFIG" IN_LIST corymb_dependencies)
    string(APPEND corymb_pc_libs " -lhwy")
  endif()
  if("ZLIB" IN_LIST corymb_dependencies)
    string(APPEND corymb_pc_libs " -lz")
  endif()
endif()

configure_file(cmake/corymbConfig.cmake.in "${PROJECT_BINARY_DIR}/corymbConfig.cmake" @ONLY)
set(corymb_architecture "")
if(NOT CORYMB_COMPILED)
  set(corymb_architecture ARCH_INDEPENDENT)
endif()
write_basic_package_version_file("${PROJECT_BINARY_DIR}/corymbConfigVersion.cmake" COMPATIBILITY SameMinorVersion
                                 ${corymb_architecture})
install(FILES "${PROJECT_BINARY_DIR}/corymbConfig.cmake" "${PROJECT_BINARY_DIR}/corymbConfigVersion.cmake"
        DESTINATION "${corymb_package_dir}")

# pkg-config. Paths follow the .pc file wherever the folder is moved. What the static library needs stands in Libs, not
# in Libs.private: then it links with and without `pkg-config --static`.
file(RELATIVE_PATH corymb_pc_to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" corymb_pc_to_prefix "${corymb_pc_to_prefix}")
foreach(dir LIBDIR INCLUDEDIR)
  set(corymb_pc_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(corymb_pc_${dir} "${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
set(corymb_pc_files corymb-headers.pc)
if(CORYMB_COMPILED)
  list(APPEND corymb_pc_files corymb.pc)
endif()
foreach(file IN LISTS corymb_pc_files)
  configure_file(cmake/${file}.in "${PROJECT_BINARY_DIR}/${file}" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()

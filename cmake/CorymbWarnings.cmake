# Warnings for this project's own targets; never on what consumers inherit.
function(corymb_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
                                           -Wnon-virtual-dtor -Woverloaded-virtual)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)  # wrong for std::string + (GCC bug 105651)
  endif()
  if(CORYMB_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Warnings for this project's own targets; never on what consumers inherit.
function(corymb_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
                                           -Wnon-virtual-dtor -Woverloaded-virtual)
  if(CORYMB_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

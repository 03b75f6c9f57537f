# For find_package(ArkContainer), where an installer put this: <prefix>/share/cmake/ArkContainer.

# The ark that was installed with it, before any other program of that name.
find_program(ARK_EXECUTABLE NAMES ark HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin" DOC "the ark command" NO_DEFAULT_PATH)
include("${CMAKE_CURRENT_LIST_DIR}/ArkContainer.cmake")

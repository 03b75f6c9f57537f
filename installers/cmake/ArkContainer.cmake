# ark_add_container(): a target that builds a container image and pushes it, with no login step.
# README.md beside this file says how to use it. Configuring asks nobody: whatever needs ark, an engine or a network
# happens when the target is built, in ArkContainerBuild.cmake.
#
#   ark_add_container(<name>
#     REPOSITORY <name> ORGANIZATION <org> | IMAGE <host/repository> [ORGANIZATION <org>]
#     [TAG <tag>...] [DOCKERFILE <file>] [CONTEXT <dir>] [BUILD_ARGS <name>=<value>...] [PLATFORM <platform>]
#     [DEPENDS <target or file>...] [ENGINE docker|podman] [PARENTS] [NO_PUSH])

include_guard(GLOBAL)
cmake_policy(VERSION 3.16)

# Functions learn where they were written only from CMake 3.17 on.
set_property(GLOBAL PROPERTY ARK_CONTAINER_FOLDER "${CMAKE_CURRENT_LIST_DIR}")

function(ark_add_container name)
  set(one_value REPOSITORY ORGANIZATION IMAGE DOCKERFILE CONTEXT PLATFORM ENGINE)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PARENTS;NO_PUSH" "${one_value}" "TAG;BUILD_ARGS;DEPENDS")
  _ark_check_container_arguments()

  if(NOT DEFINED arg_TAG)
    set(arg_TAG latest)
  endif()
  if(NOT DEFINED arg_CONTEXT)
    set(arg_CONTEXT .)
  endif()
  _ark_make_absolute(arg_CONTEXT)
  _ark_make_absolute(arg_DOCKERFILE)

  get_property(folder GLOBAL PROPERTY ARK_CONTAINER_FOLDER)
  _ark_find_container_programs()

  set(targets)
  set(files)
  foreach(dependency IN LISTS arg_DEPENDS)
    if(TARGET "${dependency}")
      list(APPEND targets "${dependency}")
    else()
      list(APPEND files "${dependency}")
    endif()
  endforeach()

  add_custom_target(${name}-docker
    COMMAND "${CMAKE_COMMAND}"
      "-DARK=${ARK_EXECUTABLE}" "-DENGINE=${engine}"
      "-DREPOSITORY=${arg_REPOSITORY}" "-DORGANIZATION=${arg_ORGANIZATION}" "-DIMAGE=${arg_IMAGE}" "-DTAGS=${arg_TAG}"
      "-DDOCKERFILE=${arg_DOCKERFILE}" "-DCONTEXT=${arg_CONTEXT}" "-DBUILD_ARGS=${arg_BUILD_ARGS}" "-DPLATFORM=${arg_PLATFORM}"
      "-DPARENTS=${arg_PARENTS}" "-DNO_PUSH=${arg_NO_PUSH}"
      -P "${folder}/ArkContainerBuild.cmake"
    DEPENDS ${files}
    COMMENT "Container image ${name}"
    # The engine shows its progress at once, and pushes do not compete.
    USES_TERMINAL
    VERBATIM)
  if(targets)
    add_dependencies(${name}-docker ${targets})
  endif()
endfunction()

# A macro: it looks at the variables of the function that calls it.
macro(_ark_check_container_arguments)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ark_add_container(${name}): nothing is known of these arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "ark_add_container(${name}): a value is missing after ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  if(DEFINED arg_REPOSITORY AND DEFINED arg_IMAGE)
    message(FATAL_ERROR "ark_add_container(${name}): either REPOSITORY, which is created where it is missing, or IMAGE, which is not; both were given")
  endif()
  if(NOT DEFINED arg_REPOSITORY AND NOT DEFINED arg_IMAGE)
    message(FATAL_ERROR "ark_add_container(${name}): where should the image go? Give REPOSITORY <name> ORGANIZATION <org>, or IMAGE <host/repository>")
  endif()
  if(DEFINED arg_REPOSITORY AND NOT DEFINED arg_ORGANIZATION)
    message(FATAL_ERROR "ark_add_container(${name}): whose is the repository ${arg_REPOSITORY}? Give ORGANIZATION <org>")
  endif()
  if(DEFINED arg_IMAGE AND NOT arg_IMAGE MATCHES "^[^/@ ]+(/[^/:@ ]+)+$")
    message(FATAL_ERROR "ark_add_container(${name}): IMAGE is <host>/<repository> without a scheme or a tag (TAG is for that), but was: ${arg_IMAGE}")
  endif()
  foreach(build_arg IN LISTS arg_BUILD_ARGS)
    if(NOT build_arg MATCHES "^[A-Za-z_][A-Za-z0-9_]*=")
      message(FATAL_ERROR "ark_add_container(${name}): BUILD_ARGS are <name>=<value>, but one was: ${build_arg}")
    endif()
  endforeach()
  if(DEFINED arg_ENGINE AND NOT arg_ENGINE MATCHES "^(docker|podman)$")
    message(FATAL_ERROR "ark_add_container(${name}): ENGINE is docker or podman, but was: ${arg_ENGINE}")
  endif()
endmacro()

# A path is taken from the folder of the CMakeLists.txt in hand; a generator expression says itself where it leads.
function(_ark_make_absolute variable)
  set(path "${${variable}}")
  if(path AND NOT path MATCHES "^\\$<")
    get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set(${variable} "${path}" PARENT_SCOPE)
  endif()
endfunction()

# Sets ARK_EXECUTABLE (cached) and engine. What is not found is told when the target is built: whoever never builds it needs neither.
macro(_ark_find_container_programs)
  # They run on this machine, also when compiling for another.
  find_program(ARK_EXECUTABLE NAMES ark DOC "the ark command" NO_CMAKE_FIND_ROOT_PATH)
  if(DEFINED arg_ENGINE)
    find_program(ARK_CONTAINER_ENGINE_${arg_ENGINE} NAMES ${arg_ENGINE} DOC "the container engine ${arg_ENGINE}" NO_CMAKE_FIND_ROOT_PATH)
    set(engine "${ARK_CONTAINER_ENGINE_${arg_ENGINE}}")
  else()
    find_program(ARK_CONTAINER_ENGINE NAMES docker podman DOC "docker or podman" NO_CMAKE_FIND_ROOT_PATH)
    set(engine "${ARK_CONTAINER_ENGINE}")
  endif()
endmacro()

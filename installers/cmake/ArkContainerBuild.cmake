# What a target of ark_add_container() does when it is built: cmake -D<name>=<value>... -P ArkContainerBuild.cmake
#
#   ARK, ENGINE                        the programs, or ...-NOTFOUND
#   REPOSITORY, ORGANIZATION           a repository by its short name, which ark creates if it is missing, or
#   IMAGE                              <host>/<repository>, as it is; an ORGANIZATION says whose credentials pull and push
#   TAGS, BUILD_ARGS                   lists
#   DOCKERFILE, CONTEXT, PLATFORM      as the engine knows them; only CONTEXT has to be there
#   PARENTS                            true: a repository for every path above it as well
#   NO_PUSH                            true: the image is built and nothing leaves this machine

cmake_minimum_required(VERSION 3.16)

function(expect_success what result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}); the lines above say why")
  endif()
endfunction()

# Where the image belongs, <host>/<repository>. Unless it only stays here, the repository exists afterwards.
function(make_sure_of_repository variable)
  if(NOT ARK)
    message(FATAL_ERROR "the ark command was not found; install it, or configure with -DARK_EXECUTABLE=<path>")
  endif()
  if(NO_PUSH)
    set(command "${ARK}" repo url "${REPOSITORY}" --organization "${ORGANIZATION}")
  else()
    set(command "${ARK}" repo create "${REPOSITORY}" --organization "${ORGANIZATION}" --if-not-exists)
    if(PARENTS)
      list(APPEND command --parents)
    endif()
  endif()
  execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE url OUTPUT_STRIP_TRAILING_WHITESPACE)
  expect_success("ark's making sure of the repository ${REPOSITORY} of ${ORGANIZATION}" "${result}")
  if(NOT url MATCHES "^[^/@ \t\r\n]+(/[^/:@ \t\r\n]+)+$")
    message(FATAL_ERROR "ark did not answer with one repository URL but with: ${url}")
  endif()
  set(${variable} "${url}" PARENT_SCOPE)
endfunction()

if(NOT ENGINE)
  message(FATAL_ERROR "neither docker nor podman was found; install one, or configure with -DARK_CONTAINER_ENGINE=<path>")
endif()
if(IMAGE STREQUAL "")
  make_sure_of_repository(url)
else()
  set(url "${IMAGE}")
endif()

# Where several organizations share a host, the credential helper answers as this one: for the images that are built upon as well.
if(NOT ORGANIZATION STREQUAL "")
  set(ENV{ARK_ORGANIZATION} "${ORGANIZATION}")
endif()

set(build "${ENGINE}" build)
foreach(tag IN LISTS TAGS)
  list(APPEND build --tag "${url}:${tag}")
endforeach()
if(DOCKERFILE)
  list(APPEND build --file "${DOCKERFILE}")
endif()
if(PLATFORM)
  list(APPEND build --platform "${PLATFORM}")
endif()
foreach(build_arg IN LISTS BUILD_ARGS)
  string(REPLACE ";" "\\;" build_arg "${build_arg}")
  list(APPEND build --build-arg "${build_arg}")
endforeach()
execute_process(COMMAND ${build} "${CONTEXT}" RESULT_VARIABLE result)
expect_success("building ${url}" "${result}")

if(NOT NO_PUSH)
  foreach(tag IN LISTS TAGS)
    execute_process(COMMAND "${ENGINE}" push "${url}:${tag}" RESULT_VARIABLE result)
    expect_success("pushing ${url}:${tag}" "${result}")
    message(STATUS "pushed ${url}:${tag}")
  endforeach()
endif()

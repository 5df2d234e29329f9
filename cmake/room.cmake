# What all rooms (base, protocol, broker, server, tools, tests) are compiled with.
add_library(respublica_options INTERFACE)
target_include_directories(respublica_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(respublica_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror)
if(NOT RESPUBLICA_UNITY)
  # Of files compiled as one, a name of the one may be a local one of the other.
  target_compile_options(respublica_options INTERFACE -Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overflows in std::string's operator+ that are not there: https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105329
  target_compile_options(respublica_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(respublica_options INTERFACE -Wthread-safety)
endif()
target_compile_definitions(respublica_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED
  $<$<CONFIG:Debug>:RESPUBLICA_CHECK_THREADS=1>)
if(RESPUBLICA_SANITIZE)
  # The vptr check opens a pipe, and takes every object for a wrong one in a process that is out of descriptors.
  target_compile_options(respublica_options INTERFACE -fsanitize=${RESPUBLICA_SANITIZE} -fno-sanitize=vptr
    -fno-omit-frame-pointer)
  target_link_options(respublica_options INTERFACE -fsanitize=${RESPUBLICA_SANITIZE})
endif()

# respublica_room(NAME LIBRARIES...): the static library of one folder, of all its *.cc files.
function(respublica_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/commands/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(respublica_${name} STATIC ${sources})
  target_link_libraries(respublica_${name} PUBLIC respublica_options ${ARGN})
  respublica_unity(respublica_${name})
endfunction()

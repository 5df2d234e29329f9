# A build from nothing spends most of its time on headers and on what they instantiate. Where RESPUBLICA_UNITY is on, up to
# eight files of a target are compiled as one; those that name different things alike are kept apart.
option(RESPUBLICA_UNITY "Compile several files as one" OFF)

# What the file names outside of functions, anonymous namespaces included: .clang-format begins such lines at the margin.
function(respublica_names_of file result)
  file(READ ${file} text)
  # Brackets and semicolons mean something in CMake's lists.
  string(REGEX REPLACE "[][;]" "{" text "\n${text}")
  string(REGEX MATCHALL "\n[A-Za-z][^\n]*" lines "${text}")
  set(names "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^\n(struct|class|enum class|enum|using) ([A-Za-z0-9_]+)" OR
       line MATCHES "^\n([^=(]*[ *&])([A-Za-z0-9_]+)( =|{|\\()")
      list(APPEND names ${CMAKE_MATCH_2})
    endif()
  endforeach()
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# Whether a file that has these names may join a group of those files and names.
function(respublica_may_join names group_files group_names result)
  set(${result} FALSE PARENT_SCOPE)
  list(LENGTH group_files files)
  if(files GREATER_EQUAL 8)
    return()
  endif()
  foreach(name IN LISTS names)
    if(name IN_LIST group_names)
      return()
    endif()
  endforeach()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

# respublica_unity(TARGET): its sources, grouped.
function(respublica_unity target)
  if(NOT RESPUBLICA_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    respublica_names_of(${source} names)
    # The first one that it may join: at the latest one that is empty.
    set(group 0)
    respublica_may_join("${names}" "${files_${group}}" "${names_${group}}" may_join)
    while(NOT may_join)
      math(EXPR group "${group} + 1")
      respublica_may_join("${names}" "${files_${group}}" "${names_${group}}" may_join)
    endwhile()
    list(APPEND files_${group} ${source})
    list(APPEND names_${group} ${names})
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${target}-${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

#pragma once
// What a command's arguments look like, for COMMAND DOCS (and through it for the hints of redis-cli).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace respublica {

/// One argument as COMMAND DOCS describes it.
struct CommandArgument {
  std::string name;
  /// "string", "integer", "key", "pattern", "unix-time", "pure-token", "oneof" or "block".
  std::string_view type = "string";
  /// The word that stands before it, or is it; may be empty.
  std::string token;
  bool optional = false;
  bool multiple = false;
  /// With each repetition the token is repeated too.
  bool multiple_token = false;
  /// The alternatives of oneof, the parts of block.
  std::vector<CommandArgument> parts;
};

/// Reads a line of the notation:
///
///     channel          a string                     key:key  seconds:integer   another type
///     NOW              a token                      COUNT=count:integer        a token and an argument
///     mode(ON|OFF)     one of several               pair(parameter value)      a block
///     [message]        optional                     key:key*  PREFIX=prefix+   repeated; repeated with its token
///     "*"=auto:pure-token    a token of signs that mean something here
///
/// Asserts that the line is well-formed.
std::vector<CommandArgument> parse_arguments(std::string_view line);

/// The line for a command (full name in lower case); empty when it takes no arguments.
std::string_view command_syntax(std::string_view name);

/// The names of all commands that have a line.
std::vector<std::string_view> commands_with_syntax();

}  // namespace respublica

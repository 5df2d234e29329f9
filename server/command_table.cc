#include "server/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "server/commands/families.h"

namespace respublica {
namespace {

constexpr std::array kFamilies = {
    pubsub_commands,       transaction_commands, connection_commands,  client_commands,    client_tracking_commands,
    client_admin_commands, config_commands,      info_commands,        command_commands,   server_commands,
    keyspace_commands,     slowlog_commands,     latency_commands,     memory_commands,    acl_commands,
    expiry_commands,       stream_commands,      stream_read_commands, durable_commands,   stream_info_commands,
    group_commands,        group_read_commands,  claim_commands,       reference_commands, dlq_commands,
};

/// Slots per command: a lookup ends after one or two of them.
constexpr std::size_t kSlotsPerCommand = 4;
/// Sets the bit that turns an ASCII letter into lower case. Other bytes may collide, which only costs a comparison.
constexpr std::uint64_t kLowerCaseBits = 0x2020202020202020;
constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `stored` is in lower case.
bool equals_in_any_case(std::string_view given, std::string_view stored) {
  return given.size() == stored.size() &&
         std::equal(given.begin(), given.end(), stored.begin(), [](char a, char b) { return lower(a) == b; });
}

std::uint64_t load(const char* bytes, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

/// Of the first and the last eight bytes, whatever their case.
std::size_t hash_name(std::string_view name) {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (name.size() >= 8) {
    head = load(name.data(), 8);
    tail = load(name.data() + name.size() - 8, 8);
  } else {
    for (const char byte : name) head = (head << 8) | static_cast<unsigned char>(byte);
  }
  const std::uint64_t mixed =
      ((head | kLowerCaseBits) ^ std::rotl(tail | kLowerCaseBits, 29) ^ name.size()) * kMultiplier;
  return static_cast<std::size_t>(mixed >> 32);
}

[[noreturn]] void refuse_row(std::string_view name, std::string_view reason) {
  fmt::print(stderr, "respublica: the row of command '{}' {}\n", name, reason);
  std::abort();
}

std::vector<CommandRow> sorted_rows() {
  std::vector<CommandRow> rows;
  for (const auto family : kFamilies) {
    const CommandFamily added = family();
    rows.insert(rows.end(), added.begin(), added.end());
  }
  // '|' sorts behind all letters, so that a container comes before its subcommands but not always directly.
  std::sort(rows.begin(), rows.end(), [](const CommandRow& a, const CommandRow& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(rows.begin(), rows.end(),
                                        [](const CommandRow& a, const CommandRow& b) { return a.name == b.name; });
  if (twice != rows.end()) refuse_row(twice->name, "is there twice");
  return rows;
}

}  // namespace

CommandTable::CommandTable() {
  for (const CommandRow& row : sorted_rows()) storage_.push_back(Command{row, 0, {}});
  for (const Command& command : storage_) {
    if (!command.is_subcommand()) commands_.push_back(&command);
  }
  slots_.resize(std::bit_ceil(commands_.size() * kSlotsPerCommand));
  for (const Command* command : commands_) {
    std::size_t slot = hash_name(command->row.name) & (slots_.size() - 1);
    while (slots_[slot].command != nullptr) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = {command->row.name, command};
  }
  for (Command& command : storage_) {
    if (!command.is_subcommand()) continue;
    const Command* container = find(command.row.name.substr(0, command.row.name.find('|')));
    if (container == nullptr) refuse_row(command.row.name, "has no container");
    storage_[static_cast<std::size_t>(container - storage_.data())].subcommands.push_back(&command);
  }
  for (Command& command : storage_) {
    command.number = static_cast<std::uint16_t>(all_.size());
    all_.push_back(&command);
  }
}

const Command* CommandTable::find(std::string_view name) const {
  std::size_t slot = hash_name(name) & (slots_.size() - 1);
  while (slots_[slot].command != nullptr) {
    if (equals_in_any_case(name, slots_[slot].name)) return slots_[slot].command;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return nullptr;
}

const Command* CommandTable::find_subcommand(const Command& container, std::string_view name) {
  for (const Command* subcommand : container.subcommands) {
    if (equals_in_any_case(name, subcommand->row.name.substr(container.row.name.size() + 1))) return subcommand;
  }
  return nullptr;
}

}  // namespace respublica

#pragma once
// The categories of commands that access control lists name: "@pubsub", "@dangerous".

#include <span>
#include <string_view>
#include <vector>

#include "server/command.h"

namespace respublica {

/// All categories that Redis knows, without "@", in its order; some have no command here.
std::span<const std::string_view> acl_category_names();

/// The categories of a command, without "@", in Redis's order: those that its row gives and those that follow from its
/// flags.
std::vector<std::string_view> acl_categories_of(const CommandRow& row);

/// `category` in lower case.
bool is_in_acl_category(const CommandRow& row, std::string_view category);

}  // namespace respublica

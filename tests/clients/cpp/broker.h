#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The server under test, which run.sh has started, and blocking connections to it.

// How long a test waits for anything.
constexpr std::chrono::seconds kDeadline{20};

struct BrokerAddress {
  std::string host;
  int port;
};

// From the environment variable BROKER_ADDRESS; throws without it.
BrokerAddress broker_address();

// A channel and connection name that no other test uses.
std::string unique_name(const std::string& prefix);

// Payloads that a broker which looks into them would spoil, each with what it is.
std::vector<std::pair<std::string, std::string>> payloads();

using Context = std::unique_ptr<redisContext, decltype(&redisFree)>;
using Reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

// A connection whose reads give up after kDeadline.
Context connect();

// Sends one command, binary safe, and waits for its reply. Throws when the connection is lost.
Reply command(redisContext* context, const std::vector<std::string>& arguments);

// Waits for the next reply without sending anything. Throws when the connection is lost.
Reply next_reply(redisContext* context);

std::string text(const redisReply* reply);

// The id of the connection of that name which has subscriptions.
std::string subscribed_connection(redisContext* admin, const std::string& name);

#include "server/server_state.h"

#include <fmt/format.h>

#include <random>

#include "server/durable_channels.h"

namespace respublica {
namespace {

std::string make_run_id() {
  std::random_device random;
  std::string id;
  while (id.size() < 40) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace

ServerState::ServerState(Settings settings, std::string config_file)
    : config_file_(std::move(config_file)),
      run_id_(make_run_id()),
      started_(std::chrono::steady_clock::now()),
      started_wall_(std::chrono::system_clock::now()) {
  const auto threads = static_cast<std::size_t>(settings.io_threads);
  for (std::size_t i = 0; i < threads; ++i) {
    counters_.push_back(std::make_unique<IoCounters>(commands_.all().size()));
  }
  durable_ = std::make_unique<DurableChannels>(*this, settings);
  replace_settings(std::move(settings));
}

ServerState::~ServerState() = default;

std::shared_ptr<const Settings> ServerState::settings() const {
  MutexLock lock(settings_mutex_);
  return settings_;
}

void ServerState::replace_settings(Settings settings) {
  max_clients_.store(static_cast<std::uint64_t>(settings.maxclients), std::memory_order_relaxed);
  auto shared = std::make_shared<const Settings>(std::move(settings));
  MutexLock lock(settings_mutex_);
  durable_->set_append_sync(shared->appendfsync);
  durable_->set_key_events(shared->notify_keyspace_events);
  settings_ = std::move(shared);
  settings_version_.fetch_add(1, std::memory_order_release);
}

bool ServerState::admit_client() {
  if (connected_clients_.fetch_add(1, std::memory_order_relaxed) < max_clients_.load(std::memory_order_relaxed)) {
    return true;
  }
  release_client();
  return false;
}

void ServerState::request_shutdown() {
  if (shutdown_handler_) shutdown_handler_();
}

}  // namespace respublica

// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/simulator.h"

#include <poll.h>

namespace fncard::hw_sim {
namespace {

/// How long to wait before asking again for a reader that is not there yet.
constexpr int kReconnectMilliseconds = 20;

bool isReadable(const pollfd& item) {
  return item.revents != 0;
}

}  // namespace

Simulator::Simulator(SimulatorOptions options)
    : options_(std::move(options)), link_(options_.host, options_.port) {}

Simulator::~Simulator() {
  if (listener_.valid()) {
    ::unlink(options_.controlSocket.c_str());
  }
}

tl::expected<void, std::string> Simulator::start() {
  lastCardFile_ = options_.cardFile;
  if (!options_.apduLog.empty() && !log_.open(options_.apduLog)) {
    return tl::unexpected("the log " + options_.apduLog + " cannot be written");
  }
  if (!options_.cardFile.empty()) {
    if (auto loaded = insert(options_.cardFile); !loaded) {
      return loaded;
    }
  }
  return options_.controlSocket.empty() ? tl::expected<void, std::string>() : listen();
}

tl::expected<void, std::string> Simulator::insert(const std::string& path) {
  if (inserted_) {
    return tl::unexpected(std::string("there is a card already"));
  }
  auto state = StateFile(path).load();
  if (!state) {
    return tl::unexpected("the card file " + path + " cannot be used: " + state.error());
  }
  inserted_ = std::make_unique<Inserted>(path, std::move(*state));
  lastCardFile_ = path;
  log_.event("inserted");
  return {};
}

void Simulator::remove(VpcdLink::During during) {
  link_.disconnect(during);
  inserted_.reset();
  powered_ = false;
  removeBefore_ = 0;
  removeAfter_ = 0;
  log_.event("removed");
}

void Simulator::run(int stopDescriptor) {
  std::vector<pollfd> items;
  for (;;) {
    if (inserted_ && !link_.connected()) {
      powered_ = false;
      (void)link_.connect();
    }
    items.assign({{.fd = stopDescriptor, .events = POLLIN, .revents = 0},
                  {.fd = link_.descriptor(), .events = POLLIN, .revents = 0},
                  {.fd = listener_.get(), .events = POLLIN, .revents = 0}});
    constexpr std::size_t kFixed = 3;
    for (const Client& client : clients_) {
      items.push_back({.fd = client.socket.get(), .events = POLLIN, .revents = 0});
    }
    const bool waitsForReader = inserted_ && !link_.connected();
    if (::poll(items.data(), items.size(), waitsForReader ? kReconnectMilliseconds : -1) <= 0) {
      continue;
    }
    if (isReadable(items[0])) {
      return;
    }
    if (isReadable(items[1])) {
      serveReader();
    }
    for (std::size_t i = clients_.size(); i-- > 0;) {
      if (isReadable(items[kFixed + i]) && !serveClient(clients_[i])) {
        clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (isReadable(items[2])) {
      acceptClient();
    }
  }
}

void Simulator::serveReader() {
  const auto message = link_.receive();
  if (!message) {
    if (inserted_) {
      inserted_->card.powerOff();
    }
    return;
  }
  if (message->size() == 1 && servePower(message->front())) {
    return;
  }
  serveApdu(*message);
}

bool Simulator::servePower(std::uint8_t message) {
  SimulatedCard& card = inserted_->card;
  switch (message) {
    case vpcd::kPowerOff:
      card.powerOff();
      powered_ = false;
      log_.event("power off");
      return true;
    case vpcd::kPowerOn:
      card.powerOn();
      powered_ = true;
      log_.event("power on, ATR " + wire::toHex(card.answerToReset()));
      return true;
    case vpcd::kReset:
      card.reset();
      powered_ = true;
      log_.event("reset, ATR " + wire::toHex(card.answerToReset()));
      return true;
    case vpcd::kAnswerToReset:
      (void)link_.send(card.answerToReset());
      return true;
    default:
      return false;
  }
}

void Simulator::serveApdu(ByteView command) {
  ++exchanges_;
  if (removeBefore_ > 0 && --removeBefore_ == 0) {
    log_.unanswered(command);
    remove(VpcdLink::During::Command);
    return;
  }
  const Bytes response = inserted_->card.transmit(command);
  if (removeAfter_ > 0 && --removeAfter_ == 0) {
    log_.unanswered(command);
    remove(VpcdLink::During::Command);
    return;
  }
  log_.exchange(command, response);
  (void)link_.send(response);
}

}  // namespace fncard::hw_sim

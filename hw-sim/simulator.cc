// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/simulator.h"

#include <poll.h>

#include <algorithm>

namespace fncard::hw_sim {
namespace {

/// How long to wait before asking again for a reader that is not there yet.
constexpr int kReconnectMilliseconds = 20;
/// A longer wait is looked at again in between.
constexpr std::chrono::milliseconds kLongestPoll{1'000};

bool isReadable(const pollfd& item) {
  return item.revents != 0;
}

}  // namespace

Simulator::Simulator(SimulatorOptions options)
    : options_(std::move(options)),
      link_(options_.host, options_.port),
      plug_(options_.readerMark),
      meter_(options_.timing.value_or(realisticTiming())) {
  for (const Fault& fault : options_.faults) {
    (void)faults_.add(fault);  // a file has no more than the plan takes
  }
}

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

void Simulator::run(int stopDescriptor) {
  std::vector<pollfd> items;
  for (;;) {
    connectToReader();
    deliverWhatIsDue();
    // a reader that waits for an answer can only hang up
    const short fromReader = waiting_ ? POLLRDHUP : POLLIN;
    items.assign({{.fd = stopDescriptor, .events = POLLIN, .revents = 0},
                  {.fd = link_.descriptor(), .events = fromReader, .revents = 0},
                  {.fd = listener_.get(), .events = POLLIN, .revents = 0}});
    constexpr std::size_t kFixed = 3;
    for (const Client& client : clients_) {
      items.push_back({.fd = client.socket.get(), .events = POLLIN, .revents = 0});
    }
    if (::poll(items.data(), items.size(), pollLimit()) <= 0) {
      continue;
    }
    if (isReadable(items[0])) {
      return;
    }
    if (isReadable(items[1])) {
      dropWaitingAnswer();
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

void Simulator::connectToReader() {
  if (inserted_ && !link_.connected()) {
    powered_ = false;
    (void)link_.connect();
  }
}

int Simulator::pollLimit() const {
  if (inserted_ && !link_.connected()) {
    return kReconnectMilliseconds;
  }
  if (!waiting_ || waiting_->due == SimulatorClock::time_point::max()) {
    return -1;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting_->due - options_.clock());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongestPoll).count());
}

void Simulator::answerLater(Bytes bytes, std::chrono::microseconds cost, std::vector<Fault> after) {
  const auto now = options_.clock();
  waiting_ = {.bytes = std::move(bytes),
              .due = std::max(now, busyUntil_) + cost,
              .after = std::move(after)};
  deliverWhatIsDue();
}

void Simulator::deliverWhatIsDue() {
  // what happens after an answer may bring no other answer: one at a time
  if (!waiting_ || waiting_->due > options_.clock()) {
    return;
  }
  const WaitingAnswer answer = std::move(*waiting_);
  waiting_.reset();
  (void)link_.send(answer.bytes);
  for (const Fault& fault : answer.after) {
    perform(fault);
  }
}

void Simulator::serveReader() {
  const auto message = link_.receive();
  if (!message) {
    if (inserted_) {
      inserted_->loseSession();
    }
    return;
  }
  if (message->size() == 1 && servePower(message->front())) {
    return;
  }
  serveApdu(*message);
}

bool Simulator::servePower(std::uint8_t message) {
  switch (message) {
    case vpcd::kPowerOff:
      inserted_->loseSession();
      powered_ = false;
      log_.event("power off");
      return true;
    case vpcd::kPowerOn:
      countPowerOn();
      log_.event("power on, ATR " + wire::toHex(inserted_->answerToReset()));
      return true;
    case vpcd::kReset:
      countPowerOn();
      log_.event("reset, ATR " + wire::toHex(inserted_->answerToReset()));
      return true;
    case vpcd::kAnswerToReset:
      serveAnswerToReset();
      return true;
    default:
      return false;
  }
}

/// The driver does not wait for power: the ATR that it asks for next comes when it is there.
void Simulator::countPowerOn() {
  inserted_->loseSession();
  powered_ = true;
  modelled_ += meter_.powerOn();
  if (options_.timing) {
    busyUntil_ = options_.clock() + meter_.powerOn();
  }
}

/// The driver asks for the ATR to see whether a card is there, too. A mute card is there until it
/// gets power and should give one.
void Simulator::serveAnswerToReset() {
  const Bytes answer = inserted_->answerToReset();
  if (!answer.empty()) {
    answerLater(answer, std::chrono::microseconds(0), {});
  } else if (powered_) {
    powered_ = false;
    link_.interrupt();
  } else {
    (void)link_.send(Bytes{0x3B});
  }
}

}  // namespace fncard::hw_sim

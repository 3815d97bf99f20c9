// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hw-sim/apdu_log.h"
#include "hw-sim/fault.h"
#include "hw-sim/inserted_card.h"
#include "hw-sim/reader_plug.h"
#include "hw-sim/timing.h"
#include "hw-sim/vpcd_link.h"

namespace fncard::hw_sim {

using SimulatorClock = std::chrono::steady_clock;

struct SimulatorOptions {
  std::string cardFile;  ///< empty: the reader begins without a card
  std::string host = "127.0.0.1";
  std::uint16_t port = 35963;
  std::string controlSocket;          ///< empty: none
  std::string apduLog;                ///< empty: none
  std::optional<TimingModel> timing;  ///< empty: answers at once, and counts by the realistic model
  std::vector<Fault> faults;
  std::string readerMark;  ///< see ReaderPlug; empty: the reader cannot be unplugged
  std::function<SimulatorClock::time_point()> clock = SimulatorClock::now;
};

/// One card slot: serves the reader and the control socket until it is told to stop. One thread,
/// which never sleeps: an answer that takes its time waits while everything else is served.
class Simulator {
 public:
  explicit Simulator(SimulatorOptions options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// Loads the card, opens log and control socket.
  tl::expected<void, std::string> start();
  /// Until stopDescriptor becomes readable.
  void run(int stopDescriptor);

  /// One control line (hw-sim/README.md lists them) and its answer, `ok …` or `error …`.
  std::string control(const std::string& line);

 private:
  using Result = tl::expected<void, std::string>;
  struct Client {
    Descriptor socket;
    std::string line;
  };
  struct WaitingAnswer {
    Bytes bytes;
    SimulatorClock::time_point due;  ///< max(): never
    std::vector<Fault> after;        ///< what happens when it has been sent
  };

  // simulator.cc
  void connectToReader();
  void deliverWhatIsDue();
  [[nodiscard]] int pollLimit() const;
  void serveReader();
  bool servePower(std::uint8_t message);
  void serveAnswerToReset();
  void answerLater(Bytes bytes, std::chrono::microseconds cost, std::vector<Fault> after);
  void countPowerOn();

  // movements.cc: what happens to card and reader
  Result insert(const std::string& path);
  Result insertForeign(InsertedCard::Foreign kind);
  Result remove();
  Result loseSession();
  Result swap(const std::string& path);
  Result swapSilently(const std::string& path);
  Result unplug();
  Result plug();
  void takeOut(VpcdLink::During during);
  void cutPower();
  void dropWaitingAnswer();

  // exchange.cc: one command, and the faults that wait for it
  void serveApdu(ByteView command);
  bool happensBefore(ByteView command, const std::vector<Fault>& due);
  Bytes transmit(ByteView command, const std::vector<Fault>& due);
  void endExchange(ByteView command, const Fault& fault);
  void perform(const Fault& fault);

  // control.cc and commands.cc
  Result listen();
  void acceptClient();
  bool serveClient(Client& client);
  Result command(const std::string& name, const std::string& argument);
  Result addFault(const std::string& line);
  [[nodiscard]] std::string listFaults() const;
  [[nodiscard]] std::string status() const;

  SimulatorOptions options_;
  VpcdLink link_;
  ApduLog log_;
  ReaderPlug plug_;
  TimingMeter meter_;
  FaultPlan faults_;
  Descriptor listener_;
  std::vector<Client> clients_;
  std::unique_ptr<InsertedCard> inserted_;
  std::string lastCardFile_;
  std::optional<WaitingAnswer> waiting_;
  SimulatorClock::time_point busyUntil_;
  bool powered_ = false;
  bool endless_ = false;  ///< GET RESPONSE has no end until another command comes
  unsigned long exchanges_ = 0;
  unsigned long bytesIn_ = 0;
  unsigned long bytesOut_ = 0;
  std::chrono::microseconds modelled_{0};
};

/// Sends one line to a control socket and returns the answer.
tl::expected<std::string, std::string> sendControl(const std::string& socketPath,
                                                   const std::string& line);

}  // namespace fncard::hw_sim

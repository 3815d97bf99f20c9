// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hw-sim/apdu_log.h"
#include "hw-sim/simulated_card.h"
#include "hw-sim/vpcd_link.h"

namespace fncard::hw_sim {

struct SimulatorOptions {
  std::string cardFile;  ///< empty: the reader begins without a card
  std::string host = "127.0.0.1";
  std::uint16_t port = 35963;
  std::string controlSocket;  ///< empty: none
  std::string apduLog;        ///< empty: none
};

/// One card slot: serves the reader and the control socket until it is told to stop. One thread.
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
  struct Inserted {
    Inserted(std::string cardPath, CardState state)
        : path(std::move(cardPath)), file(path), card(std::move(state), file) {}
    std::string path;
    StateFile file;
    SimulatedCard card;
  };
  struct Client {
    Descriptor socket;
    std::string line;
  };

  tl::expected<void, std::string> insert(const std::string& path);
  void remove(VpcdLink::During during);
  tl::expected<void, std::string> listen();
  void serveReader();
  bool servePower(std::uint8_t message);
  void serveApdu(ByteView command);
  void acceptClient();
  bool serveClient(Client& client);
  std::string removeLater(unsigned& counter, const std::string& count);
  [[nodiscard]] std::string status() const;

  SimulatorOptions options_;
  VpcdLink link_;
  ApduLog log_;
  Descriptor listener_;
  std::vector<Client> clients_;
  std::unique_ptr<Inserted> inserted_;
  std::string lastCardFile_;
  bool powered_ = false;
  unsigned long exchanges_ = 0;
  unsigned removeBefore_ = 0;  ///< counts down; 0: not asked for
  unsigned removeAfter_ = 0;
};

/// Sends one line to a control socket and returns the answer.
tl::expected<std::string, std::string> sendControl(const std::string& socketPath,
                                                   const std::string& line);

}  // namespace fncard::hw_sim

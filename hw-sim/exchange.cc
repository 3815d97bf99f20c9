// SPDX-License-Identifier: Apache-2.0
// One command, and the faults that wait for it.
#include <algorithm>

#include "hw-sim/simulator.h"

namespace fncard::hw_sim {
namespace {

const Fault* find(const std::vector<Fault>& due, FaultMoment moment) {
  const auto found = std::find_if(due.begin(), due.end(),
                                  [&](const Fault& fault) { return fault.moment == moment; });
  return found == due.end() ? nullptr : &*found;
}
const Fault* find(const std::vector<Fault>& due, FaultAction action) {
  const auto found = std::find_if(due.begin(), due.end(),
                                  [&](const Fault& fault) { return fault.action == action; });
  return found == due.end() ? nullptr : &*found;
}

bool isGetResponse(ByteView command) {
  return command.size() > 1 && command[1] == piv::instruction::kGetResponse;
}

/// 255 bytes and the promise of more.
Bytes endlessAnswer() {
  Bytes answer(255, 0xA5);
  answer.insert(answer.end(), {0x61, 0xFF});
  return answer;
}

/// The same bytes each time, of no meaning and no status word of ISO/IEC 7816-4 at the end.
Bytes nonsense() {
  Bytes out(200);
  std::uint32_t value = 1;
  for (std::uint8_t& byte : out) {
    value = value * 1'664'525U + 1'013'904'223U;
    byte = static_cast<std::uint8_t>(value >> 24U);
  }
  out.insert(out.end(), {0x00, 0x17});
  return out;
}

/// More data than there is, or than was asked for, with the status word at the end.
Bytes enlarged(Bytes answer, std::size_t size) {
  if (answer.size() >= 2 && answer.size() < size) {
    answer.insert(answer.end() - 2, size - answer.size(), 0x5A);
  }
  return answer;
}

Bytes distorted(Bytes answer, const Fault& fault) {
  switch (fault.action) {
    case FaultAction::Truncate:
      answer.resize(std::min<std::size_t>(answer.size(), fault.number));
      return answer;
    case FaultAction::Oversize:
      return enlarged(std::move(answer), fault.number);
    case FaultAction::Nonsense:
      return nonsense();
    case FaultAction::Endless:
      return endlessAnswer();
    default:
      return answer;
  }
}

/// What takes the contacts away: the command that is under way gets no answer.
bool endsTheExchange(const Fault& fault) {
  return fault.action == FaultAction::Remove || fault.action == FaultAction::PowerCut ||
         fault.action == FaultAction::Unplug;
}

}  // namespace

void Simulator::serveApdu(ByteView command) {
  ++exchanges_;
  bytesIn_ += command.size();
  const std::vector<Fault> due = faults_.due(command);
  for (const Fault& fault : due) {
    log_.event("fault: " + toLine(fault));
  }
  if (!happensBefore(command, due)) {
    return;
  }
  Bytes response = transmit(command, due);
  const unsigned writes = inserted_->writes();
  if (const Fault* during = find(due, FaultMoment::During)) {
    endExchange(command, *during);
    return;
  }
  bool intact = true;
  std::chrono::milliseconds delay{0};
  std::vector<Fault> after;
  for (const Fault& fault : due) {
    if (fault.moment == FaultMoment::After && endsTheExchange(fault)) {
      endExchange(command, fault);
      return;
    }
    if (fault.moment == FaultMoment::After) {
      after.push_back(fault);
    } else if (fault.action == FaultAction::Delay) {
      delay += std::chrono::milliseconds(fault.number);
    } else if (fault.moment == FaultMoment::At) {
      response = distorted(std::move(response), fault);
      intact = false;
    }
  }
  if (find(due, FaultAction::Mute) != nullptr) {
    log_.unanswered(command);
    waiting_ = {.bytes = {}, .due = SimulatorClock::time_point::max(), .after = {}};
    return;
  }
  bytesOut_ += response.size();
  const auto cost = meter_.exchange({.command = command, .response = response, .writes = writes});
  modelled_ += cost;
  log_.exchange(command, response, intact);
  answerLater(std::move(response), delay + (options_.timing ? cost : std::chrono::microseconds(0)),
              std::move(after));
}

/// false: the card does not get the command any more.
bool Simulator::happensBefore(ByteView command, const std::vector<Fault>& due) {
  for (const Fault& fault : due) {
    if (fault.moment != FaultMoment::Before) {
      continue;
    }
    if (endsTheExchange(fault) || fault.action == FaultAction::Swap) {
      endExchange(command, fault);
      return false;
    }
    perform(fault);
  }
  return true;
}

/// The card's answer, or what a fault says in its place.
Bytes Simulator::transmit(ByteView command, const std::vector<Fault>& due) {
  if (const Fault* instead = find(due, FaultAction::Answer)) {
    return instead->answer;
  }
  if (endless_ && isGetResponse(command)) {
    return endlessAnswer();
  }
  endless_ = find(due, FaultAction::Endless) != nullptr;
  const Fault* during = find(due, FaultMoment::During);
  return inserted_->transmit(command, during != nullptr ? during->number : 0);
}

void Simulator::endExchange(ByteView command, const Fault& fault) {
  log_.unanswered(command);
  perform(fault);
}

void Simulator::perform(const Fault& fault) {
  Result done;
  switch (fault.action) {
    case FaultAction::Remove:
      takeOut(VpcdLink::During::Command);
      break;
    case FaultAction::PowerCut:
      cutPower();
      break;
    case FaultAction::Reset:
      if (fault.moment == FaultMoment::During) {
        cutPower();  // in the middle of a command there is no answer any more
      } else {
        done = loseSession();
      }
      break;
    case FaultAction::Swap:
      done = swap(fault.file);
      break;
    case FaultAction::SwapSilently:
      done = swapSilently(fault.file);
      break;
    case FaultAction::Unplug:
      done = unplug();
      break;
    default:
      break;
  }
  if (!done) {
    log_.event("that could not be done: " + done.error());
    if (inserted_ && fault.action != FaultAction::SwapSilently) {
      takeOut(VpcdLink::During::Command);  // the reader must not wait for ever
    }
  }
}

}  // namespace fncard::hw_sim

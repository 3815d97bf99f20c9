// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <winscard.h>

#include <string>
#include <vector>

#include "card/reader.h"

namespace fncard::card::pcsc {

/// What the service says about all readers at one moment.
struct Snapshot {
  std::vector<std::string> names;
  std::vector<SCARD_READERSTATE> states;  ///< szReader points into names
  /// Readers that have come and gone so far, in the high word as SCardGetStatusChange takes it:
  /// from pcsc-lite 2.3 on, 0 before. Read before the names, so that no reader falls in between.
  DWORD readerEvents = 0;
};

/// The readers; a reader that goes while they are read is no error.
LONG takeSnapshot(SCARDCONTEXT context, Snapshot& snapshot);
/// The same with readerEvents, to wait on.
LONG takeSnapshotToWait(SCARDCONTEXT context, Snapshot& snapshot);

std::vector<ReaderState> describe(const Snapshot& snapshot);
bool sameReaders(const std::vector<ReaderState>& left, const std::vector<ReaderState>& right);

/// How to wait for what differs from a snapshot.
struct Watch {
  std::vector<SCARD_READERSTATE> states;  ///< at most 16; szReader points into the snapshot's names
  /// SCardGetStatusChange compares a counter only when the one it is given is not zero. So where
  /// one is zero, what happened between the snapshot and the start of the wait may pass unseen: a
  /// reader that came (every pcsc-lite before 2.3), or a card that went and came back in a reader
  /// that had no event before. Such a wait needs an end, after which the readers are looked at
  /// again.
  bool blindAtTheStart = false;
  bool leavesOutReaders = false;  ///< more readers than one call takes
};
Watch watchFor(const Snapshot& snapshot);

}  // namespace fncard::card::pcsc

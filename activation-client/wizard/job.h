// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "activation-client/settings.h"
#include "card/activation/activation.h"
#include "messages/messages.h"

namespace fncard::activation_client::wizard {

/// How a job ended: the sentence's code with its parameters, or the issuer's own sentence.
struct Ending {
  bool good = false;
  std::string code;
  std::string message;  ///< of the issuer; empty: the code's sentence is shown
  messages::Parameters parameters;
  bool resumable = false;  ///< the same again finishes it
};

/// What the person is asked for. The answer goes back by Job::answer().
enum class Question { NewPin, PinSetBefore };

/// The window, as a job meets it; called on the job's thread.
struct JobEvents {
  std::function<void(card::activation::Step)> onStep;
  /// birthDate as PinChooser::newPin; for NewPin only.
  std::function<void(Question, const std::string& birthDate)> onQuestion;
  std::function<void(Ending)> onEnd;
};

/// One operation with the card, in a thread of its own, so that the window stays alive.
class Job : private card::activation::Person {
 public:
  using Work = std::function<Ending(card::activation::Person&)>;

  Job(JobEvents events, Work work);
  /// Takes away the question that is open, and waits for the operation to end: after Cancelled
  /// nothing more is asked of card or issuer than what is going on.
  ~Job() override;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// From the window's thread, once a question: the PIN, ObjectNotFound (PinSetBefore: none had
  /// been chosen) or Cancelled.
  void answer(card::Result<card::Pin> pin);

 private:
  void progress(card::activation::Step step) override;
  card::Result<card::Pin> newPin(const std::string& birthDate) override;
  card::Result<card::Pin> pinSetBefore() override;
  card::Result<card::Pin> ask(Question question, const std::string& birthDate);

  JobEvents events_;
  std::mutex mutex_;
  bool cancelled_ = false;
  std::optional<std::promise<card::Result<card::Pin>>> open_;
  std::thread thread_;
};

/// The card in this reader is activated, or gets a new PIN by the issuer.
Job::Work activation(card::ReaderService& readers, std::string readerName,
                     card::activation::Application application, Settings settings,
                     messages::Language language);
Job::Work unblocking(card::ReaderService& readers, std::string readerName,
                     card::activation::Application application, Settings settings,
                     messages::Language language);
/// lastTry: the person knows that it is the last one.
Job::Work pinChange(card::ReaderService& readers, std::string readerName, card::Pin current,
                    card::Pin next, bool lastTry);
/// A signature over random bytes, which the certificate verifies before it is given out.
Job::Work testSignature(card::ReaderService& readers, std::string readerName, card::Pin pin,
                        bool lastTry);

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/job.h"

#include <sodium.h>

#include <utility>

#include "activation-client/issuer/http_issuer.h"
#include "activation-client/pin_change.h"
#include "documents/signing.h"
#include "net/client.h"

namespace fncard::activation_client::wizard {
namespace {

using card::activation::Application;
using card::activation::Failure;

Ending good(std::string code, messages::Parameters parameters = {}) {
  return {.good = true, .code = std::move(code), .parameters = std::move(parameters)};
}

Ending refused(const card::Error& error) {
  Ending ending{.code = std::string(card::messageCode(error.code)), .resumable = true};
  if (error.triesLeft) {
    ending.parameters.emplace_back("tries", std::to_string(*error.triesLeft));
  }
  return ending;
}

Ending refused(const Failure& failure, const std::string& server) {
  const auto url = net::Url::parse(server);
  Ending ending{.code = failure.code,
                .message = failure.message,
                .parameters = {{"host", url ? url->host : server}},
                .resumable = failure.resumable};
  if (failure.triesLeft) {
    ending.parameters.emplace_back("tries", std::to_string(*failure.triesLeft));
  }
  if (!messages::has(messages::Language::English, ending.code)) {
    ending.parameters.emplace_back("code", std::exchange(ending.code, "client.server-error"));
  }
  return ending;
}

/// std::function copies its target, and neither PINs nor user codes are copied.
template <typename T>
std::shared_ptr<T> shared(T value) {
  return std::make_shared<T>(std::move(value));
}

}  // namespace

Job::Job(JobEvents events, Work work)
    : events_(std::move(events)), thread_([this, work = std::move(work)] {
        Ending ending = work(*this);
        events_.onEnd(std::move(ending));
      }) {}

Job::~Job() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  answer(card::failed(card::ErrorCode::Cancelled, "the window was closed"));
  thread_.join();
}

void Job::answer(card::Result<card::Pin> pin) {
  const std::lock_guard lock(mutex_);
  if (open_) {
    open_->set_value(std::move(pin));
    open_.reset();
  }
}

void Job::progress(card::activation::Step step) {
  events_.onStep(step);
}

card::Result<card::Pin> Job::ask(Question question, const std::string& birthDate) {
  std::future<card::Result<card::Pin>> answered;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) {
      return card::failed(card::ErrorCode::Cancelled, "the window was closed");
    }
    answered = open_.emplace().get_future();
  }
  events_.onQuestion(question, birthDate);
  return answered.get();
}

card::Result<card::Pin> Job::newPin(const std::string& birthDate) {
  return ask(Question::NewPin, birthDate);
}

card::Result<card::Pin> Job::pinSetBefore() {
  return ask(Question::PinSetBefore, {});
}

Job::Work activation(card::ReaderService& readers, std::string readerName, Application application,
                     Settings settings, messages::Language language) {
  return [&readers, readerName = std::move(readerName),
          application = shared(std::move(application)), settings = std::move(settings),
          language](card::activation::Person& person) {
    HttpIssuer issuer(settings.server, {.trustFile = settings.trust}, language);
    const auto outcome =
        card::activation::activate(readers, readerName, *application, issuer, person);
    return outcome ? good(outcome->wasAlreadyActive ? "client.already-active" : "client.activated",
                          {{"cardNumber", outcome->card.cardNumber}})
                   : refused(outcome.error(), settings.server);
  };
}

Job::Work unblocking(card::ReaderService& readers, std::string readerName, Application application,
                     Settings settings, messages::Language language) {
  return [&readers, readerName = std::move(readerName),
          application = shared(std::move(application)), settings = std::move(settings),
          language](card::activation::Person& person) {
    HttpUnblockingIssuer issuer(settings.server, {.trustFile = settings.trust}, language);
    const auto card = card::activation::unblock(readers, readerName, *application, issuer, person);
    return card ? good("client.unblocked", {{"cardNumber", card->cardNumber}})
                : refused(card.error(), settings.server);
  };
}

Job::Work pinChange(card::ReaderService& readers, std::string readerName, card::Pin current,
                    card::Pin next, bool lastTry) {
  return [&readers, readerName = std::move(readerName), current = shared(std::move(current)),
          next = shared(std::move(next)), lastTry](card::activation::Person& /*person*/) {
    const auto card = card::openCard(readers, readerName);
    const auto changed =
        card ? changePin(**card, *current, *next, lastTry) : tl::unexpected(card.error());
    return changed ? good("client.pin-changed") : refused(changed.error());
  };
}

Job::Work testSignature(card::ReaderService& readers, std::string readerName, card::Pin pin,
                        bool lastTry) {
  return [&readers, readerName = std::move(readerName), pin = shared(std::move(pin)),
          lastTry](card::activation::Person& /*person*/) {
    auto card = documents::findSigningCard(readers, readerName);
    if (!card) {
      return Ending{.code = card.error(), .resumable = true};
    }
    if (card->pin.triesLeft == 1U && !lastTry) {
      return refused({.code = card::ErrorCode::LastTryNotConfirmed, .triesLeft = 1U});
    }
    Bytes digest(crypto_hash_sha256_BYTES);
    randombytes_buf(digest.data(), digest.size());
    const auto signature = documents::sign(*card, *pin, card::Hash::Sha256, digest);
    return signature ? good("wizard.try-good", {{"name", card->holder}})
                     : refused(signature.error());
  };
}

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QPushButton>
#include <QStackedWidget>
#include <memory>

#include "activation-client/settings.h"
#include "activation-client/wizard/applicant_page.h"
#include "activation-client/wizard/end_page.h"
#include "activation-client/wizard/job.h"
#include "activation-client/wizard/pin_page.h"
#include "activation-client/wizard/progress_page.h"
#include "activation-client/wizard/start_page.h"

namespace fncard::activation_client::wizard {

/// The wizard: from a page to the next, with one job at a time.
///
///   start ── applicant ── progress ── pin ── progress ── end        activation, unblocking: the
///   issuer's answer to the user
///     │                                                             code comes before the person
///     chooses a PIN └───── pin ── progress ── end                                 change of PIN,
///     first signature
class Window : public QWidget {
 public:
  Window(card::ReaderService& readers, Settings settings, messages::Language language);
  ~Window() override;

  /// 0 when the last thing that was done ended well, 3 when there never was a card, else 1.
  [[nodiscard]] int exitCode() const { return exitCode_; }
  /// Set when it closed because the person wants another one, in this language.
  [[nodiscard]] std::optional<messages::Language> wantedLanguage() const { return wanted_; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void connectPages();
  void show(QWidget& page);
  void goBack();
  void goOn();
  void choose(Action action, const PresentCard& card);
  void start(Job::Work work);
  void ask(Question question, const std::string& birthDate);
  void askCurrentPin(PinPage::Asks asks);
  void takePins(PinPage::Pins pins);
  void end(const Ending& ending);
  [[nodiscard]] bool mayStop();

  card::ReaderService& readers_;
  Settings settings_;
  messages::Language language_;
  int exitCode_ = 3;
  std::optional<messages::Language> wanted_;
  Action action_ = Action::Activate;
  PresentCard card_;
  bool asking_ = false;  // the job waits for a PIN

  QStackedWidget* pages_;
  StartPage* start_;
  ApplicantPage* applicant_;
  PinPage* pin_;
  ProgressPage* progress_;
  EndPage* end_;
  QPushButton* back_;
  QPushButton* next_;
  QPushButton* close_;

  std::unique_ptr<Job> job_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/window.h"

#include <QCloseEvent>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMessageBox>
#include <QUrl>
#include <QVBoxLayout>
#include <utility>

#include "widgets/text.h"

namespace fncard::activation_client::wizard {
namespace {

using widgets::textOf;

constexpr int kWidthInCharacters = 60;
enum ExitCode { Good = 0, Failed = 1 };

/// Has the window's thread do it, unless the window is gone by then.
template <typename Do>
void inWindow(Window* window, Do work) {
  QMetaObject::invokeMethod(window, std::move(work), Qt::QueuedConnection);
}

std::optional<unsigned> triesLeft(card::ReaderService& readers, const std::string& readerName) {
  const auto application = card::beginOnce(readers, readerName);
  const auto status =
      application ? (*application)->pinStatus() : tl::unexpected(application.error());
  return status ? status->triesLeft : std::nullopt;
}

}  // namespace

Window::Window(card::ReaderService& readers, Settings settings, messages::Language language)
    : readers_(readers),
      settings_(std::move(settings)),
      language_(language),
      pages_(new QStackedWidget),
      start_(new StartPage(language)),
      applicant_(new ApplicantPage(language)),
      pin_(new PinPage(language)),
      progress_(new ProgressPage(language)),
      end_(new EndPage(language)),
      back_(new QPushButton(textOf(language, "wizard.button-back"))),
      next_(new QPushButton(textOf(language, "wizard.button-next"))),
      close_(new QPushButton(textOf(language, "wizard.button-close"))) {
  setWindowTitle(textOf(language, "wizard.title"));
  auto* const layout = new QVBoxLayout(this);
  for (QWidget* const page :
       std::initializer_list<QWidget*>{start_, applicant_, pin_, progress_, end_}) {
    pages_->addWidget(page);
  }
  layout->addWidget(pages_, 1);
  auto* const buttons = new QHBoxLayout;
  back_->setObjectName("back");
  next_->setObjectName("next");
  close_->setObjectName("close");
  buttons->addWidget(back_);
  buttons->addStretch();
  buttons->addWidget(next_);
  buttons->addWidget(close_);
  layout->addLayout(buttons);
  setMinimumWidth(fontMetrics().averageCharWidth() * kWidthInCharacters);
  connectPages();
  show(*start_);
  watch_ = std::make_unique<Watch>(readers_, settings_.reader, [this](Present present) {
    inWindow(this, [this, present = std::move(present)] {
      if (exitCode_ == 3 && !present.cards.empty()) {
        exitCode_ = Failed;  // from now on there is something to work on
      }
      start_->show(present);
    });
  });
}

Window::~Window() {
  watch_.reset();
  job_.reset();
}

void Window::connectPages() {
  connect(back_, &QPushButton::clicked, this, [this] { goBack(); });
  connect(next_, &QPushButton::clicked, this, [this] { goOn(); });
  connect(close_, &QPushButton::clicked, this, [this] { close(); });
  start_->onAction = [this](Action action, const PresentCard& card) { choose(action, card); };
  start_->onLanguage = [this](messages::Language language) {
    wanted_ = language;
    close();
  };
  applicant_->onDone = [this](card::activation::Application application) {
    const auto work = action_ == Action::Unblock ? unblocking : activation;
    start(work(readers_, card_.readerName, std::move(application), settings_, language_));
  };
  pin_->onDone = [this](PinPage::Pins pins) { takePins(std::move(pins)); };
  pin_->onNoneChosen = [this] {
    asking_ = false;
    show(*progress_);
    job_->answer(card::failed(card::ErrorCode::ObjectNotFound, "no PIN had been chosen"));
  };
  end_->onTry = [this] { choose(Action::TrySignature, card_); };
  end_->onPortal = [this] {
    QDesktopServices::openUrl(QUrl(QString::fromStdString(settings_.server)));
  };
}

void Window::show(QWidget& page) {
  pages_->setCurrentWidget(&page);
  const bool typing = &page == applicant_ || &page == pin_;
  back_->setVisible(typing || &page == end_);
  next_->setVisible(typing);
}

void Window::choose(Action action, const PresentCard& card) {
  action_ = action;
  card_ = card;
  switch (action) {
    case Action::Activate:
    case Action::Unblock:
      if (const auto fault = faultOfServer(settings_.server); !fault.empty()) {
        end({.code = std::string(fault), .parameters = {{"server", settings_.server}}});
        return;
      }
      show(*applicant_);
      applicant_->begin();
      return;
    case Action::ChangePin:
      askCurrentPin(PinPage::Asks::CurrentAndNew);
      return;
    case Action::TrySignature:
      askCurrentPin(PinPage::Asks::Current);
      return;
  }
}

void Window::askCurrentPin(PinPage::Asks asks) {
  progress_->begin();
  show(*progress_);
  // another program may use the card right now: the window does not wait for it
  const auto tries = std::make_shared<std::optional<unsigned>>();
  job_ = std::make_unique<Job>(JobEvents{.onStep = [](card::activation::Step) {},
                                         .onQuestion = [](Question, const std::string&) {},
                                         .onEnd =
                                             [this, asks, tries](const Ending&) {
                                               inWindow(this, [this, asks, tries] {
                                                 job_.reset();
                                                 show(*pin_);
                                                 pin_->begin(asks, {}, *tries);
                                               });
                                             }},
                               [this, tries, name = card_.readerName](card::activation::Person&) {
                                 *tries = triesLeft(readers_, name);
                                 return Ending{.good = true};
                               });
}

void Window::start(Job::Work work) {
  progress_->begin();
  show(*progress_);
  job_ = std::make_unique<Job>(
      JobEvents{
          .onStep =
              [this](card::activation::Step step) {
                inWindow(this, [this, step] { progress_->enter(step); });
              },
          .onQuestion =
              [this](Question question, const std::string& birthDate) {
                inWindow(this, [this, question, birthDate] { ask(question, birthDate); });
              },
          .onEnd =
              [this](const Ending& ending) { inWindow(this, [this, ending] { end(ending); }); }},
      std::move(work));
}

void Window::ask(Question question, const std::string& birthDate) {
  asking_ = true;
  show(*pin_);
  pin_->begin(question == Question::NewPin ? PinPage::Asks::NewPin : PinPage::Asks::PinSetBefore,
              birthDate, std::nullopt);
}

void Window::takePins(PinPage::Pins pins) {
  if (asking_) {
    asking_ = false;
    show(*progress_);
    job_->answer(std::move(*pins.next));
    return;
  }
  start(action_ == Action::ChangePin
            ? pinChange(readers_, card_.readerName, std::move(*pins.current), std::move(*pins.next),
                        pins.lastTry)
            : testSignature(readers_, card_.readerName, std::move(*pins.current), pins.lastTry));
}

void Window::end(const Ending& ending) {
  job_.reset();
  asking_ = false;
  if (ending.code == card::messageCode(card::ErrorCode::Cancelled)) {
    show(*start_);  // the person went back
    return;
  }
  exitCode_ = ending.good ? Good : Failed;
  end_->show(ending, card_, !settings_.server.empty());
  show(*end_);
  close_->setFocus();
}

void Window::goBack() {
  if (job_) {
    job_->answer(
        card::failed(card::ErrorCode::Cancelled, "the person went back"));  // and the job ends
    return;
  }
  show(*start_);
}

void Window::goOn() {
  if (pages_->currentWidget() == applicant_) {
    applicant_->finish();
  } else if (pages_->currentWidget() == pin_) {
    pin_->finish();
  }
}

bool Window::mayStop() {
  if (!job_ || asking_) {
    return true;
  }
  QMessageBox box(QMessageBox::Warning, windowTitle(), textOf(language_, "wizard.stop-question"),
                  QMessageBox::NoButton, this);
  auto* const stop =
      box.addButton(textOf(language_, "wizard.button-stop"), QMessageBox::AcceptRole);
  box.setDefaultButton(
      box.addButton(textOf(language_, "wizard.button-wait"), QMessageBox::RejectRole));
  box.exec();
  return box.clickedButton() == stop || !job_;
}

void Window::closeEvent(QCloseEvent* event) {
  event->setAccepted(mayStop());
}

void Window::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    close();
    return;
  }
  QWidget::keyPressEvent(event);
}

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#include "tests/card/pcsc/scripted_pcsc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace fncard::card::testing {

ScriptedPcsc& ScriptedPcsc::instance() {
  static ScriptedPcsc pcsc;
  return pcsc;
}

void ScriptedPcsc::reset() {
  const Lock lock(mutex_);
  EXPECT_TRUE(contexts_.empty()) << contexts_.size() << " contexts left open";
  EXPECT_TRUE(handles_.empty()) << handles_.size() << " handles left open";
  running_ = true;
  readerEvents_.reset();
  readers_.clear();
  contexts_.clear();
  handles_.clear();
  control_ = {};
  forced_.clear();
  before_.clear();
  calls_.clear();
  dispositions_.clear();
  limits_.clear();
  lostCancels_ = 0;
  beganTwice_ = false;
}

void ScriptedPcsc::changed() {
  ++generation_;
  change_.notify_all();
}

void ScriptedPcsc::addReader(const std::string& name) {
  const Lock lock(mutex_);
  readers_.push_back({.name = name});
  if (readerEvents_) {
    ++*readerEvents_;
  }
  changed();
}

void ScriptedPcsc::removeReader(const std::string& name) {
  const Lock lock(mutex_);
  std::erase_if(readers_, [&](const Reader& reader) { return reader.name == name; });
  if (readerEvents_) {
    ++*readerEvents_;
  }
  changed();
}

void ScriptedPcsc::insertCard(const std::string& name, Card card) {
  const Lock lock(mutex_);
  Reader& reader = *find(name);
  reader.present = true;
  reader.card = std::move(card);
  ++reader.events;
  changed();
}

void ScriptedPcsc::removeCard(const std::string& name) {
  const Lock lock(mutex_);
  find(name)->present = false;
  ++find(name)->events;
  changed();
}

void ScriptedPcsc::resetCard(const std::string& name) {
  const Lock lock(mutex_);
  ++find(name)->resets;
}

void ScriptedPcsc::setControl(Control control) {
  const Lock lock(mutex_);
  control_ = std::move(control);
}

void ScriptedPcsc::stopService() {
  const Lock lock(mutex_);
  running_ = false;
  for (auto& [handle, context] : contexts_) {
    context.dead = true;
  }
  changed();
}

void ScriptedPcsc::startService() {
  const Lock lock(mutex_);
  running_ = true;
}

void ScriptedPcsc::countReaderEvents() {
  const Lock lock(mutex_);
  readerEvents_ = 1;
}

void ScriptedPcsc::force(const std::string& function, LONG code) {
  const Lock lock(mutex_);
  forced_[function].push_back(code);
}

void ScriptedPcsc::before(const std::string& function, std::function<void()> action) {
  const Lock lock(mutex_);
  before_[function].push_back(std::move(action));
}

void ScriptedPcsc::untilAsleep() {
  Lock lock(mutex_);
  change_.wait(lock, [this] {
    return seen_ == generation_ && std::any_of(contexts_.begin(), contexts_.end(), [](auto& entry) {
             return entry.second.asleep && !entry.second.timeOver;
           });
  });
}

void ScriptedPcsc::letTimePass() {
  const Lock lock(mutex_);
  for (auto& [handle, context] : contexts_) {
    context.timeOver = context.asleep;
  }
  change_.notify_all();
}

std::vector<std::string> ScriptedPcsc::calls() {
  const Lock lock(mutex_);
  return calls_;
}
int ScriptedPcsc::count(const std::string& function) {
  const Lock lock(mutex_);
  return static_cast<int>(std::count(calls_.begin(), calls_.end(), function));
}
std::vector<DWORD> ScriptedPcsc::dispositions() {
  const Lock lock(mutex_);
  return dispositions_;
}
int ScriptedPcsc::lostCancels() {
  const Lock lock(mutex_);
  return lostCancels_;
}
std::vector<DWORD> ScriptedPcsc::waitLimits() {
  const Lock lock(mutex_);
  return limits_;
}
int ScriptedPcsc::openContexts() {
  const Lock lock(mutex_);
  return static_cast<int>(contexts_.size());
}
int ScriptedPcsc::openHandles() {
  const Lock lock(mutex_);
  return static_cast<int>(handles_.size());
}
bool ScriptedPcsc::beganTwice() {
  const Lock lock(mutex_);
  return beganTwice_;
}

ScriptedPcsc::Reader* ScriptedPcsc::find(const std::string& name) {
  const auto found = std::find_if(readers_.begin(), readers_.end(),
                                  [&](const Reader& reader) { return reader.name == name; });
  return found == readers_.end() ? nullptr : &*found;
}

}  // namespace fncard::card::testing

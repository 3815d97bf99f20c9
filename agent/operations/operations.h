// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "agent/operations/person.h"
#include "agent/operations/request.h"
#include "card/reader.h"

namespace fncard::agent::operations {

/// What sites can have done with the card, each with the person's consent. All front doors stand on
/// this. What is wrong with card or PIN is told to the person, who may put it right and go on, so
/// that a page learns neither whether there is a card nor whose it is until the person agrees.
class Operations {
 public:
  Operations(card::ReaderService& readers, Person& person) : readers_(readers), person_(person) {}

  /// One request from start to end; blocks while the person thinks. No transaction is open
  /// meanwhile, so other programs use the card. After stop is requested nothing more is asked.
  Result<Answer> run(const Request& request, const std::stop_token& stop);

 private:
  card::ReaderService& readers_;
  Person& person_;
};

}  // namespace fncard::agent::operations

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/step.h"

namespace fncard::activation_client {

std::string_view messageCode(card::activation::Step step) {
  using card::activation::Step;
  switch (step) {
    case Step::Begin:
      return "client.step-begin";
    case Step::CardProof:
      return "client.step-card-proof";
    case Step::Release:
      return "client.step-release";
    case Step::SetPin:
      return "client.step-set-pin";
    case Step::Receipt:
      return "client.step-receipt";
    case Step::Commit:
      return "client.step-commit";
    case Step::Done:
      break;
  }
  return {};
}

}  // namespace fncard::activation_client

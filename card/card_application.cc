// SPDX-License-Identifier: Apache-2.0
#include "card/card_application.h"

namespace fncard::card {

std::size_t keySize(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::Rsa2048:
      return 256;
    case KeyAlgorithm::Rsa3072:
      return 384;
    case KeyAlgorithm::Rsa4096:
      return 512;
    case KeyAlgorithm::EcP256:
      return 32;
    case KeyAlgorithm::EcP384:
      return 48;
  }
  return 0;
}

bool isRsa(KeyAlgorithm algorithm) {
  return algorithm != KeyAlgorithm::EcP256 && algorithm != KeyAlgorithm::EcP384;
}

}  // namespace fncard::card

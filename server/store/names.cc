// SPDX-License-Identifier: Apache-2.0
#include "server/store/names.h"

namespace fncard::server::store {

std::string_view name(PaymentState state) {
  return nameOf(state);
}
std::string_view name(JobState state) {
  return nameOf(state);
}
std::string_view name(RevocationReason reason) {
  return nameOf(reason);
}
std::string_view name(CertificateUse use) {
  return nameOf(use);
}
std::string_view name(CertificateStatus status) {
  return nameOf(status);
}
std::string_view name(ActivationState state) {
  return nameOf(state);
}
std::string_view name(UnblockingState state) {
  return nameOf(state);
}

}  // namespace fncard::server::store

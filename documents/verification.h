// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "documents/authorities.h"
#include "trust/ocsp.h"
#include "trust/relying_party.h"
#include "trust/signed_message.h"

namespace fncard::documents {

/// POSTs an OCSP request to a URL and gives the body of the answer; nothing when there was none.
using AskResponder =
    std::function<std::optional<trust::Bytes>(const std::string& url, const trust::Bytes& request)>;

/// One signer of a message: whether the signature is right, and whether its certificate may be
/// relied on (docs/relying-party.md).
struct SignerVerdict {
  trust::Signer signer;
  std::optional<trust::Verdict> verdict;  ///< nothing without a certificate

  [[nodiscard]] bool good() const { return signer.signature && verdict && verdict->good(); }
};

/// The certificate for a purpose now. along: certificates that came with it, for the path.
trust::Verdict judge(const trust::Certificate& certificate, trust::Purpose purpose,
                     const Authorities& authorities, const std::vector<trust::Bytes>& along,
                     const AskResponder& ask, trust::Time at);

/// Each signer, in their order. content: of a detached signature.
trust::Result<std::vector<SignerVerdict>> verify(const trust::Bytes& message,
                                                 const std::optional<trust::Bytes>& content,
                                                 const Authorities& authorities,
                                                 const AskResponder& ask, trust::Time at);

}  // namespace fncard::documents

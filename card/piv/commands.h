// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/piv/administration.h"
#include "card/piv/channel.h"

/// The commands of SP 800-73-4 part 2 that more than one class here sends.
namespace fncard::card::piv {

/// The dynamic authentication template and what is in it (§3.2.4 table 7).
inline constexpr std::uint32_t kDynamicAuthentication = 0x7C;
inline constexpr std::uint32_t kChallenge = 0x81;
inline constexpr std::uint32_t kResponse = 0x82;

std::uint8_t keyReference(KeyRole role);
std::uint8_t algorithmId(KeyAlgorithm algorithm);
Object certificateObject(KeyRole role);

/// SELECT (§3.1.1). UnknownCard when the card says that it has no PIV card application, CardFailed
/// when it says anything else.
Result<void> selectApplication(Channel& channel);

wire::CommandApdu getData(Object object);
/// What is inside the object's template in an answer to GET DATA (§3.1.2). ObjectNotFound when it
/// is empty.
Result<Bytes> objectContent(Object object, const wire::ResponseApdu& answer);
/// The template's tag and the tag list that names an object: 53 and 5C, for the Discovery object
/// 7E.
std::uint32_t templateTag(Object object);
Bytes tagList(Object object);

/// GET DATA of the CHUID.
Result<CardIdentity> readIdentity(Channel& channel);

/// GENERAL AUTHENTICATE (§3.2.4): parts is what goes into the dynamic authentication template 7C.
wire::CommandApdu generalAuthenticate(std::uint8_t algorithm, std::uint8_t key, ByteView parts,
                                      std::size_t answerSize);

/// The data object of the dynamic authentication template in an answer, or Malformed.
Result<ByteView> templatePart(const wire::ResponseApdu& answer, std::uint32_t outer,
                              std::uint32_t tag);

}  // namespace fncard::card::piv

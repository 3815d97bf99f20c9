// SPDX-License-Identifier: Apache-2.0
// The functions of <winscard.h> that card/pcsc calls: linked in place of libpcsclite's.
#include "tests/card/pcsc/scripted_pcsc.h"

extern "C" {

using fncard::ByteView;
using fncard::card::testing::ScriptedPcsc;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT context) {
  return ScriptedPcsc::instance().establish(context);
}
LONG SCardReleaseContext(SCARDCONTEXT context) {
  return ScriptedPcsc::instance().release(context);
}
LONG SCardListReaders(SCARDCONTEXT context, LPCSTR, LPSTR names, LPDWORD size) {
  return ScriptedPcsc::instance().listReaders(context, reinterpret_cast<LPSTR*>(names), size);
}
LONG SCardFreeMemory(SCARDCONTEXT, LPCVOID memory) {
  delete[] static_cast<const char*>(memory);
  return SCARD_S_SUCCESS;
}
LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD limit, SCARD_READERSTATE* states,
                          DWORD count) {
  return ScriptedPcsc::instance().statusChange(context, limit, states, count);
}
LONG SCardCancel(SCARDCONTEXT context) {
  return ScriptedPcsc::instance().cancel(context);
}
LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD, DWORD, LPSCARDHANDLE handle,
                  LPDWORD protocol) {
  return ScriptedPcsc::instance().connect(context, reader, handle, protocol);
}
LONG SCardReconnect(SCARDHANDLE handle, DWORD, DWORD, DWORD disposition, LPDWORD protocol) {
  return ScriptedPcsc::instance().reconnect(handle, disposition, protocol);
}
LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition) {
  return ScriptedPcsc::instance().disconnect(handle, disposition);
}
LONG SCardBeginTransaction(SCARDHANDLE handle) {
  return ScriptedPcsc::instance().begin(handle);
}
LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition) {
  return ScriptedPcsc::instance().end(handle, disposition);
}
LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST*, LPCBYTE command, DWORD size,
                   SCARD_IO_REQUEST*, LPBYTE answer, LPDWORD answerSize) {
  return ScriptedPcsc::instance().transmit(handle, ByteView(command, size), answer, answerSize);
}
LONG SCardGetAttrib(SCARDHANDLE handle, DWORD, LPBYTE, LPDWORD) {
  return ScriptedPcsc::instance().attribute(handle);
}
LONG SCardControl(SCARDHANDLE handle, DWORD code, LPCVOID input, DWORD size, LPVOID answer,
                  DWORD room, LPDWORD answerSize) {
  return ScriptedPcsc::instance().control(handle, code,
                                          ByteView(static_cast<const BYTE*>(input), size),
                                          static_cast<BYTE*>(answer), room, answerSize);
}
}

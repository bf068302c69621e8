/*
 * app_catalog.c - lists the catalog, and installs and removes a layer: what the
 * installer of a layered provider does on Windows.
 *
 * Usage: app_catalog                          lists all entries in order
 *        app_catalog install NAME PATH [ifs]  puts a layer above TCP/IP and
 *                                             UDP/IP, IPv4 and IPv6
 *        app_catalog remove NAME              takes it out again
 *
 * Installing a layer is three steps, each visible here: the layer's own entry
 * (ChainLen 0, hidden), which gives it an id; one chain per protocol it goes
 * above, each under a GUID of its own so that WSPStartup is called for each; and
 * the order, chains first, so that they are selected before what they cover.
 * The GUIDs are made from the name, so that removing needs nothing else.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <sporder.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct catalog {
  WSAPROTOCOL_INFOW *entries;
  int count;
};

static int fail(const char *what, int error) {
  fprintf(stderr, "app_catalog: %s: error %d\n", what, error);
  return 1;
}

static int read_catalog(struct catalog *catalog) {
  DWORD length = 0;
  INT error = 0;
  catalog->entries = NULL;
  WSCEnumProtocols(NULL, NULL, &length, &error);
  catalog->entries = malloc(length > 0 ? length : 1);
  if (catalog->entries == NULL) return 0;
  catalog->count = WSCEnumProtocols(NULL, catalog->entries, &length, &error);
  if (catalog->count != SOCKET_ERROR) return 1;
  free(catalog->entries);
  fail("WSCEnumProtocols", error);
  return 0;
}

static void print_text(const WCHAR *text) {
  for (; *text != 0; text++) putchar(*text < 128 ? (int)*text : '?');
}

static void print_entry(const WSAPROTOCOL_INFOW *entry) {
  WCHAR path[MAX_PATH];
  INT length = MAX_PATH, error = 0;
  GUID provider = entry->ProviderId;
  printf("%5u  family %2d type %d protocol %3d  ", (unsigned)entry->dwCatalogEntryId,
         entry->iAddressFamily, entry->iSocketType, entry->iProtocol);
  if (entry->ProtocolChain.ChainLen == LAYERED_PROTOCOL) printf("layer  ");
  if (entry->ProtocolChain.ChainLen == BASE_PROTOCOL) printf("base   ");
  for (int i = 0; i < entry->ProtocolChain.ChainLen && entry->ProtocolChain.ChainLen > 1; i++)
    printf("%s%u", i == 0 ? "chain " : "-", (unsigned)entry->ProtocolChain.ChainEntries[i]);
  printf("  %s%s  ", (entry->dwServiceFlags1 & XP1_IFS_HANDLES) != 0 ? "ifs" : "non-ifs",
         (entry->dwProviderFlags & PFL_HIDDEN) != 0 ? " hidden" : "");
  print_text(entry->szProtocol);
  printf("  ");
  if (WSCGetProviderPath(&provider, path, &length, &error) == 0) print_text(path);
  putchar('\n');
}

static int list(void) {
  struct catalog catalog;
  if (!read_catalog(&catalog)) return 1;
  for (int i = 0; i < catalog.count; i++) print_entry(&catalog.entries[i]);
  free(catalog.entries);
  return 0;
}

/* GUID number `index` of a name (FNV-1a): 0 for the layer, then one per chain. */
static GUID guid_of(const char *name, unsigned index) {
  unsigned char bytes[sizeof(GUID)];
  unsigned long long hash = 14695981039346656037ull;
  GUID guid;
  for (; *name != 0; name++) hash = (hash ^ (unsigned char)*name) * 1099511628211ull;
  for (size_t i = 0; i < sizeof bytes; i++) {
    hash = (hash ^ (index + i)) * 1099511628211ull;
    bytes[i] = (unsigned char)(hash >> 32);
  }
  memcpy(&guid, bytes, sizeof guid);
  return guid;
}

static void widen(WCHAR *out, size_t capacity, const char *text) {
  size_t i = 0;
  for (; i + 1 < capacity && text[i] != 0; i++) out[i] = (unsigned char)text[i];
  out[i] = 0;
}

static void name_entry(WSAPROTOCOL_INFOW *entry, const char *layer, const WCHAR *over) {
  char prefix[WSAPROTOCOL_LEN + 1];
  snprintf(prefix, sizeof prefix, over != NULL ? "%s over " : "%s", layer);
  widen(entry->szProtocol, WSAPROTOCOL_LEN + 1, prefix);
  size_t at = strlen(prefix);
  for (; over != NULL && *over != 0 && at < WSAPROTOCOL_LEN; over++)
    entry->szProtocol[at++] = *over;
  entry->szProtocol[at] = 0;
}

/* The entry by which `guid` is known now; installing assigns ids, so installers
 * enumerate again to learn them. */
static WSAPROTOCOL_INFOW *entry_of(struct catalog *catalog, const GUID *guid) {
  for (int i = 0; i < catalog->count; i++)
    if (memcmp(&catalog->entries[i].ProviderId, guid, sizeof *guid) == 0)
      return &catalog->entries[i];
  return NULL;
}

static int is_tcp_or_udp(const WSAPROTOCOL_INFOW *entry) {
  return (entry->iAddressFamily == AF_INET || entry->iAddressFamily == AF_INET6) &&
         (entry->iProtocol == IPPROTO_TCP || entry->iProtocol == IPPROTO_UDP) &&
         entry->ProtocolChain.ChainLen >= BASE_PROTOCOL;
}

/* Whether `index` is the first entry of its protocol: the one an application
 * gets today, be it the base or a chain, and the one to go above. */
static int is_selected(const struct catalog *catalog, int index) {
  const WSAPROTOCOL_INFOW *entry = &catalog->entries[index];
  for (int i = 0; i < index; i++) {
    const WSAPROTOCOL_INFOW *other = &catalog->entries[i];
    if (is_tcp_or_udp(other) && other->iAddressFamily == entry->iAddressFamily &&
        other->iProtocol == entry->iProtocol)
      return 0;
  }
  return is_tcp_or_udp(entry);
}

static int install_layer_entry(const char *name, const WCHAR *path, DWORD ifs,
                               const WSAPROTOCOL_INFOW *like) {
  WSAPROTOCOL_INFOW entry = *like;
  GUID guid = guid_of(name, 0);
  INT error = 0;
  entry.dwServiceFlags1 = (entry.dwServiceFlags1 & ~(DWORD)XP1_IFS_HANDLES) | ifs;
  entry.dwProviderFlags = (entry.dwProviderFlags | PFL_HIDDEN) & ~(DWORD)PFL_MATCHES_PROTOCOL_ZERO;
  entry.ProtocolChain.ChainLen = LAYERED_PROTOCOL;
  entry.iSocketType = entry.iProtocol = 0;
  name_entry(&entry, name, NULL);
  if (WSCInstallProvider(&guid, path, &entry, 1, &error) == 0) return 1;
  fail("WSCInstallProvider of the layer", error);
  return 0;
}

/* The chain above `below`: our id at the head, then the id of the entry below,
 * then what is below that in a chain. The first of a chain's members is its
 * layer's own entry, which nobody can be asked for sockets by. */
static int install_chain(const char *name, unsigned index, const WCHAR *path, DWORD ifs,
                         DWORD layer_id, const WSAPROTOCOL_INFOW *below) {
  WSAPROTOCOL_INFOW entry = *below;
  WSAPROTOCOLCHAIN *chain = &entry.ProtocolChain;
  GUID guid = guid_of(name, index);
  INT error = 0;
  if (chain->ChainLen >= MAX_PROTOCOL_CHAIN) {
    fail("the chain below is full", WSANO_RECOVERY);
    return 0;
  }
  chain->ChainEntries[0] = below->dwCatalogEntryId;
  memmove(&chain->ChainEntries[1], &chain->ChainEntries[0],
          sizeof chain->ChainEntries - sizeof chain->ChainEntries[0]);
  chain->ChainEntries[0] = layer_id;
  chain->ChainLen++;
  if (ifs == 0) entry.dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
  name_entry(&entry, name, below->szProtocol);
  if (WSCInstallProvider(&guid, path, &entry, 1, &error) == 0) return 1;
  fail("WSCInstallProvider of a chain", error);
  return 0;
}

/* Puts the chains of the layer `id` before everything else. */
static int order_chains_first(DWORD id) {
  struct catalog catalog;
  int count = 0, error = WSA_NOT_ENOUGH_MEMORY;
  if (!read_catalog(&catalog)) return 0;
  DWORD *order = malloc((size_t)catalog.count * sizeof *order + 1);
  for (int chains = 1; order != NULL && chains >= 0; chains--) {
    for (int i = 0; i < catalog.count; i++) {
      const WSAPROTOCOL_INFOW *entry = &catalog.entries[i];
      int is_ours = entry->ProtocolChain.ChainLen > 1 && entry->ProtocolChain.ChainEntries[0] == id;
      if (is_ours == chains) order[count++] = entry->dwCatalogEntryId;
    }
  }
  if (order != NULL) error = WSCWriteProviderOrder(order, (DWORD)count);
  if (error != 0) fail("WSCWriteProviderOrder", error);
  free(order);
  free(catalog.entries);
  return error == 0;
}

static int uninstall(const char *name) {
  int removed = 0;
  for (unsigned index = 8; index-- > 0;) { /* the chains before the layer */
    GUID guid = guid_of(name, index);
    INT error = 0;
    if (WSCDeinstallProvider(&guid, &error) == 0)
      removed++;
    else if (error != WSAEINVAL) /* not installed */
      return fail("WSCDeinstallProvider", error);
  }
  if (removed == 0) return fail(name, WSAEINVAL);
  printf("app_catalog: %s removed, %d entries\n", name, removed);
  return 0;
}

static int install(const char *name, const char *file, DWORD ifs) {
  struct catalog before, after;
  WCHAR path[MAX_PATH + 1];
  unsigned chains = 0;
  int works = 1;
  GUID guid = guid_of(name, 0);
  widen(path, MAX_PATH + 1, file);
  if (!read_catalog(&before)) return 1;
  for (int i = 0; i < before.count && works; i++) {
    if (!is_selected(&before, i)) continue;
    if (chains == 0) works = install_layer_entry(name, path, ifs, &before.entries[i]);
    if (!works || !read_catalog(&after)) break;
    WSAPROTOCOL_INFOW *layer = entry_of(&after, &guid);
    works = layer != NULL &&
            install_chain(name, ++chains, path, ifs, layer->dwCatalogEntryId, &before.entries[i]);
    if (works) works = order_chains_first(layer->dwCatalogEntryId);
    free(after.entries);
  }
  free(before.entries);
  if (works && chains > 0) {
    printf("app_catalog: %s installed above %u protocols\n", name, chains);
    return 0;
  }
  if (chains > 0) uninstall(name); /* nothing half done stays */
  return fail("install", WSANO_RECOVERY);
}

int main(int argc, char **argv) {
  if (argc == 1) return list();
  if (argc >= 4 && argc <= 5 && strcmp(argv[1], "install") == 0)
    return install(argv[2], argv[3],
                   argc == 5 && strcmp(argv[4], "ifs") == 0 ? XP1_IFS_HANDLES : 0);
  if (argc == 3 && strcmp(argv[1], "remove") == 0) return uninstall(argv[2]);
  fprintf(stderr, "usage: app_catalog [install NAME PATH [ifs] | remove NAME]\n");
  return 2;
}

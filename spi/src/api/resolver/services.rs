//! Names of services and protocols: what the system knows, and beside it the names that every Windows has in its own files.

use super::system;

/// A service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// The official name.
    pub name: String,
    /// The port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// Other names.
    pub aliases: Vec<String>,
}

/// A protocol: its official name, number and other name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Protocol {
    /// The official name.
    pub name: &'static str,
    /// The number.
    pub number: i16,
    /// The other name.
    pub alias: &'static str,
}

const TCP: &str = "tcp";
const UDP: &str = "udp";

/// The protocols to look through: the one that is named, or both. `None`: another one, which has no services.
fn protocols(protocol: Option<&str>) -> Option<&'static [&'static str]> {
    match protocol {
        None => Some(&[TCP, UDP]),
        Some(name) if name.eq_ignore_ascii_case(TCP) => Some(&[TCP]),
        Some(name) if name.eq_ignore_ascii_case(UDP) => Some(&[UDP]),
        Some(_) => None,
    }
}

/// The service of that name (any case) or other name; of the first of both protocols when none is named.
#[must_use]
pub fn by_name(name: &str, protocol: Option<&str>) -> Option<Service> {
    protocols(protocol)?.iter().find_map(|protocol| {
        let known = KNOWN
            .iter()
            .find(|row| row.serves(protocol) && row.is_called(name));
        known.map(|row| row.service(protocol)).or_else(|| {
            // A number is no name.
            if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let port = system::service_port(name, *protocol == UDP)?;
            Some(Service {
                name: name.to_owned(),
                port,
                protocol,
                aliases: Vec::new(),
            })
        })
    })
}

/// The service of that port; of the first of both protocols when none is named.
#[must_use]
pub fn by_port(port: u16, protocol: Option<&str>) -> Option<Service> {
    protocols(protocol)?.iter().find_map(|protocol| {
        let known = KNOWN
            .iter()
            .find(|row| row.serves(protocol) && row.port == port);
        known.map(|row| row.service(protocol)).or_else(|| {
            let name = system::service_name(port, *protocol == UDP)?;
            Some(Service {
                name,
                port,
                protocol,
                aliases: Vec::new(),
            })
        })
    })
}

/// The protocol of that name (any case) or other name.
#[must_use]
pub fn protocol_by_name(name: &str) -> Option<Protocol> {
    let called = |row: &&Protocol| {
        row.name.eq_ignore_ascii_case(name) || row.alias.eq_ignore_ascii_case(name)
    };
    PROTOCOLS.iter().find(called).copied()
}

/// The protocol of that number.
#[must_use]
pub fn protocol_by_number(number: i32) -> Option<Protocol> {
    PROTOCOLS
        .iter()
        .find(|row| i32::from(row.number) == number)
        .copied()
}

struct Row {
    name: &'static str,
    port: u16,
    on: On,
    aliases: &'static [&'static str],
}

#[derive(PartialEq, Eq)]
enum On {
    Tcp,
    Udp,
    Both,
}

impl Row {
    fn serves(&self, protocol: &str) -> bool {
        match self.on {
            On::Both => true,
            On::Tcp => protocol == TCP,
            On::Udp => protocol == UDP,
        }
    }

    fn is_called(&self, name: &str) -> bool {
        let same = |own: &str| own.eq_ignore_ascii_case(name);
        same(self.name) || self.aliases.iter().any(|alias| same(alias))
    }

    fn service(&self, protocol: &'static str) -> Service {
        let aliases = self
            .aliases
            .iter()
            .map(|alias| (*alias).to_owned())
            .collect();
        Service {
            name: self.name.to_owned(),
            port: self.port,
            protocol,
            aliases,
        }
    }
}

const fn row(name: &'static str, port: u16, on: On, aliases: &'static [&'static str]) -> Row {
    Row {
        name,
        port,
        on,
        aliases,
    }
}

/// Well-known services: IANA's names and ports, as every Windows lists them.
const KNOWN: &[Row] = &[
    row("echo", 7, On::Both, &[]),
    row("discard", 9, On::Both, &["sink", "null"]),
    row("systat", 11, On::Both, &["users"]),
    row("daytime", 13, On::Both, &[]),
    row("qotd", 17, On::Both, &["quote"]),
    row("chargen", 19, On::Both, &["ttytst", "source"]),
    row("ftp-data", 20, On::Tcp, &[]),
    row("ftp", 21, On::Tcp, &[]),
    row("ssh", 22, On::Tcp, &[]),
    row("telnet", 23, On::Tcp, &[]),
    row("smtp", 25, On::Tcp, &["mail"]),
    row("time", 37, On::Both, &["timserver"]),
    row("nameserver", 42, On::Both, &["name"]),
    row("nicname", 43, On::Tcp, &["whois"]),
    row("domain", 53, On::Both, &[]),
    row("bootps", 67, On::Udp, &["dhcps"]),
    row("bootpc", 68, On::Udp, &["dhcpc"]),
    row("tftp", 69, On::Udp, &[]),
    row("gopher", 70, On::Tcp, &[]),
    row("finger", 79, On::Tcp, &[]),
    row("http", 80, On::Tcp, &["www", "www-http"]),
    row("kerberos", 88, On::Both, &["krb5", "kerberos-sec"]),
    row("pop3", 110, On::Tcp, &[]),
    row("sunrpc", 111, On::Both, &["rpcbind", "portmap"]),
    row("auth", 113, On::Tcp, &["ident", "tap"]),
    row("nntp", 119, On::Tcp, &["usenet"]),
    row("ntp", 123, On::Udp, &[]),
    row("epmap", 135, On::Both, &["loc-srv"]),
    row("netbios-ns", 137, On::Both, &["nbname"]),
    row("netbios-dgm", 138, On::Udp, &["nbdatagram"]),
    row("netbios-ssn", 139, On::Tcp, &["nbsession"]),
    row("imap", 143, On::Tcp, &["imap4"]),
    row("snmp", 161, On::Udp, &[]),
    row("snmptrap", 162, On::Udp, &["snmp-trap"]),
    row("bgp", 179, On::Tcp, &[]),
    row("irc", 194, On::Tcp, &[]),
    row("ldap", 389, On::Tcp, &[]),
    row("https", 443, On::Tcp, &["MCom"]),
    row("microsoft-ds", 445, On::Both, &[]),
    row("kpasswd", 464, On::Both, &[]),
    row("isakmp", 500, On::Udp, &["ike"]),
    row("syslog", 514, On::Udp, &[]),
    row("ldaps", 636, On::Tcp, &["sldap"]),
    row("imaps", 993, On::Tcp, &[]),
    row("pop3s", 995, On::Tcp, &[]),
    row("ms-sql-s", 1433, On::Both, &[]),
    row("radius", 1812, On::Udp, &[]),
    row("nfsd", 2049, On::Udp, &["nfs"]),
    row("ms-wbt-server", 3389, On::Tcp, &[]),
];

const fn protocol(name: &'static str, number: i16, alias: &'static str) -> Protocol {
    Protocol {
        name,
        number,
        alias,
    }
}

/// The protocols that every Windows lists.
const PROTOCOLS: &[Protocol] = &[
    protocol("ip", 0, "IP"),
    protocol("icmp", 1, "ICMP"),
    protocol("ggp", 3, "GGP"),
    protocol("tcp", 6, "TCP"),
    protocol("egp", 8, "EGP"),
    protocol("pup", 12, "PUP"),
    protocol("udp", 17, "UDP"),
    protocol("hmp", 20, "HMP"),
    protocol("xns-idp", 22, "XNS-IDP"),
    protocol("rdp", 27, "RDP"),
    protocol("ipv6", 41, "IPv6"),
    protocol("ipv6-route", 43, "IPv6-Route"),
    protocol("ipv6-frag", 44, "IPv6-Frag"),
    protocol("esp", 50, "ESP"),
    protocol("ah", 51, "AH"),
    protocol("ipv6-icmp", 58, "IPv6-ICMP"),
    protocol("ipv6-nonxt", 59, "IPv6-NoNxt"),
    protocol("ipv6-opts", 60, "IPv6-Opts"),
    protocol("rvd", 66, "RVD"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_by_either_name_and_by_port() {
        // "getservbyname function": the first entry that matches when no protocol is named; names are not case sensitive.
        let http = by_name("HTTP", None).unwrap();
        assert_eq!((http.port, http.protocol), (80, "tcp"));
        assert_eq!(by_name("www", Some("TCP")).unwrap().name, "http");
        assert_eq!(by_name("ntp", None).unwrap().protocol, "udp");
        assert_eq!(by_port(53, Some("udp")).unwrap().name, "domain");
        assert_eq!(by_name("http", Some("sctp")), None);
        assert_eq!(by_name("80", None), None);
        assert_eq!(by_name("no-such-service-at-all", None), None);
    }

    #[test]
    fn protocols_are_those_of_windows() {
        // Wine's test_getprotobyname and test_getprotobynumber: tcp 6 with the alias TCP, ipv6-icmp 58, nothing at 2.
        assert_eq!(protocol_by_name("tcp").unwrap().number, 6);
        assert_eq!(protocol_by_number(58).unwrap().alias, "IPv6-ICMP");
        assert_eq!(protocol_by_number(2), None);
        assert_eq!(protocol_by_name("nothing"), None);
    }
}

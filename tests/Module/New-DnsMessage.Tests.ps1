. $PSScriptRoot/common.ps1

Describe 'New-DnsMessage' {
    It 'asks for several types in a datagram' {
        $packet = New-IPPacket 10.0.0.53 10.0.0.1 | New-UdpDatagram 53 40000 | New-DnsMessage example.org -Type A, AAAA -Id 7
        $packet.Dns.Questions.ForEach('ToString') | Should -Be 'example.org IN A', 'example.org IN AAAA'
        $packet.ToString() | Should -Be 'IP 10.0.0.1.40000 > 10.0.0.53.53: 7+ [2q] A? example.org. AAAA? example.org. (35)'
        $packet.Anomalies | Should -BeNullOrEmpty
        $read = $packet | ConvertTo-PacketBytes | ConvertFrom-PacketBytes
        $read.Dns.Id, $read.Dns.RecursionDesired, $read.Dns.IsResponse | Should -Be 7, $true, $false
        $read.Dns.FixedFields | Should -BeNullOrEmpty
    }

    It 'answers with records as text or as objects' {
        $first = New-DnsMessage example.org MX -Response -Authoritative -Answer 'example.org 300 MX 10 mail.example.org' -Additional 'mail.example.org A 192.0.2.1'
        $first.Dns.Answers[0].Data.Exchange.ToString(), $first.Dns.Answers[0].TimeToLive | Should -Be 'mail.example.org', 300
        $first.Dns.IsAuthoritative, $first.Dns.AdditionalCount, $first.Dns.RecursionAvailable | Should -Be $true, 1, $true
        $second = New-DnsMessage example.org MX -Response -Answer $first.Dns.Answers[0] -ResponseCode BadCookie -NoRecursion
        "$($second.Dns.Answers[0])" | Should -Be 'example.org 300 IN MX 10 mail.example.org'
        $second.Dns.RecursionAvailable, $second.Dns.Edns.ExtendedResponseCode, $second.Dns.ResponseCode | Should -Be $false, 1, 7
    }

    It 'has extensions when they are asked for' {
        $dns = (New-DnsMessage example.org DNSKEY -DnssecOk -UdpPayloadSize 4096).Dns
        $dns.Edns.DnssecOk, $dns.Edns.UdpPayloadSize, $dns.AdditionalCount | Should -Be $true, 4096, 1
        (New-DnsMessage example.org).Dns.Edns | Should -BeNullOrEmpty
    }

    It 'has its length before it over TCP' {
        $packet = New-IPPacket 10.0.0.53 | New-TcpSegment 53 -Flags Psh, Ack | New-DnsMessage example.org
        $packet.Dns.MessageLength, $packet.Tcp.DataLength | Should -Be 29, 31
        ($packet | ConvertTo-PacketBytes | ConvertFrom-PacketBytes).Dns.Questions[0].Name.ToString() | Should -Be example.org
    }

    It 'says what is wrong with a name or a record' {
        Get-ErrorId { New-DnsMessage 'a..b' } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-DnsMessage a -Response -Answer 'example.org A nonsense' } | Should -Be ParameterArgumentTransformationError
        { New-DnsMessage a -Response -Answer 'example.org A nonsense' } | Should -Throw '*no DNS record*Examples*'
    }

    It 'shows messages, questions and records' {
        $packet = New-DnsMessage example.org -Response -Answer 'example.org A 192.0.2.1'
        $packet.Dns | Format-Table | Out-String -Width 200 | Should -Match 'example.org IN A +A 192.0.2.1'
        $packet.Dns.Answers | Format-Table | Out-String -Width 200 | Should -Match 'example.org +3600 +IN +A +192.0.2.1'
        $packet.Dns | Format-List | Out-String | Should -Match 'RecursionAvailable +: True'
    }
}

#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll { . "$PSScriptRoot/common.ps1" }

Describe 'Set-TcpStack' {
    AfterEach { Remove-TestStack }

    It 'resets, drops or accepts by ranges, and what was set last counts' {
        $pair = New-TestPair
        Set-TcpStack server -UnknownTcp Drop
        Set-TcpStack server -UnknownTcp Reset -PortRange '8000-8100', 9000
        Get-ErrorId { Open-TcpSession 10.7.0.2 8050 -TimeoutSec 1 } | Should -Be 'ConnectionRefused'
        Get-ErrorId { Open-TcpSession 10.7.0.2 9000 -TimeoutSec 1 } | Should -Be 'ConnectionRefused'
        Get-ErrorId { Open-TcpSession 10.7.0.2 8101 -TimeoutSec 1 } | Should -Be 'TimedOut'
        $pair.Server | Set-TcpStack -UnknownTcp Accept -PortRange 8000-8010
        (Open-TcpSession 10.7.0.2 8005).State | Should -Be 'Established'
        Get-ErrorId { Open-TcpSession 10.7.0.2 8011 -TimeoutSec 1 } | Should -Be 'ConnectionRefused'
        "$($pair.Server.UnclaimedPorts)" | Should -Be '8000-8010 Accept 9000 Reset 8000-8100 Reset 1-65535 Drop 1-65535 Reset'
        $pair.Server.UnclaimedPorts | Out-String | Should -Match 'listener'
    }

    It 'gives accepted connections to who takes them' {
        $null = New-TestPair
        Set-TcpStack server -UnknownTcp Accept
        $client = Open-TcpSession 10.7.0.2 4321
        (Receive-TcpSession).LocalPort | Should -Be 4321
        $null = Open-TcpSession 10.7.0.2 77
        (Receive-TcpSession -Port 77).LocalPort | Should -Be 77
        Get-TcpListener | Format-Table | Out-String | Should -Match '1-65535'
    }

    It 'gives accepted connections to a handler' {
        $null = New-TestPair
        Set-TcpStack server -UnknownTcp Accept -PortRange 1000-2000 -Action { $_ | Send-TcpData "port $($_.LocalPort)" }
        1500, 1501 | ForEach-Object { Open-TcpSession 10.7.0.2 $_ | Receive-TcpData -All -AsString } | Should -Be 'port 1500', 'port 1501'
    }

    It 'answers datagrams for nobody, or does not' {
        $null = New-TestPair
        $probe = New-IPPacket 10.7.0.2 | New-UdpDatagram 9 40000
        ($probe | Invoke-PacketExchange -Stack client -TimeoutSec 1).Answered | Should -BeTrue
        (Set-TcpStack server -UnknownUdp Drop -PassThru).AnswersUnclaimedUdp | Should -BeFalse
        ($probe | Invoke-PacketExchange -Stack client -TimeoutSec 1).Answered | Should -BeFalse
    }

    It 'says what is missing' {
        Get-ErrorId { Set-TcpStack -UnknownTcp Drop } | Should -Be 'NoStack'
        $null = New-TestPair
        foreach ($wrong in { Set-TcpStack }, { Set-TcpStack -PortRange 80 }, { Set-TcpStack -UnknownTcp Drop -OnData { } }) {
            $failure = try { & $wrong 2>&1 } catch { $_ }
            $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidArgument*'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-UnknownTcp'
        }
        { Set-TcpStack -UnknownTcp Drop -PortRange 70000 } | Should -Throw '*1 to 65535*'
        { Set-TcpStack -UnknownTcp Sometimes } | Should -Throw '*Reset, Drop, Accept*'
    }
}

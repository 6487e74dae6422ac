. $PSScriptRoot/common.ps1

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
}

BeforeAll { . $PSScriptRoot/conditions.ps1 }

Describe 'Start-PacketCapture, Get-PacketCapture and Stop-PacketCapture' {
    AfterEach {
        Stop-PacketCapture
        Remove-TestStack
    }

    It 'keep what comes in memory, by filter and number' {
        $wire = New-PacketWire
        $capture = Start-PacketCapture $wire.B -Filter 'udp dst port 53' -Count 2
        (Get-PacketCapture).Id | Should -Be $capture.Id
        53, 80, 53, 53 | ForEach-Object { New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram $_ 4000 | Send-RawPacket -Link $wire.A }
        [System.Threading.SpinWait]::SpinUntil({ -not $capture.IsRunning }, 5000) | Should -BeTrue
        $packets = @($capture | Stop-PacketCapture -PassThru)
        $packets.Udp.DestinationPort | Should -Be 53, 53
        $packets[0].Timestamp | Should -Not -BeNullOrEmpty
        Get-PacketCapture | Should -BeNullOrEmpty
    }

    It 'write one file after the other, and keep the latest' {
        $wire = New-PacketWire
        $path = Join-Path $TestDrive ring.pcapng
        $capture = Start-PacketCapture -Link $wire.B -Path $path -MaximumFileSize 2000 -FileCount 3
        $packet = New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram 9 4000 -Data ('x' * 500)
        1..20 | ForEach-Object { $packet.IP.Identification = $_; $packet | Send-RawPacket -Link $wire.A }
        [System.Threading.SpinWait]::SpinUntil({ $capture.Captured -eq 20 }, 5000) | Should -BeTrue
        $stopped = $capture | Stop-PacketCapture -PassThru
        $stopped.Captured, $stopped.Dropped, $stopped.Files.Count | Should -Be 20, 0, 3
        (Get-ChildItem $TestDrive/ring_*.pcapng).FullName | Should -Be $stopped.Files
        $kept = @($stopped.Files | ForEach-Object { Import-PacketCapture $_ })
        $kept[-1].IP.Identification | Should -Be 20
        $first = $kept[0].IP.Identification
        $kept.IP.Identification | Should -Be ($first..20)
    }

    It 'have on disk what was captured as soon as it is quiet, and beside a stack too' {
        $pair = New-TestPair -Threaded
        $path = Join-Path $TestDrive live.pcap
        $capture = Start-PacketCapture -Stack $pair.Server -Path $path
        $null = Start-TcpListener 80 -Stack $pair.Server
        $session = Open-TcpSession $pair.Address 80
        [System.Threading.SpinWait]::SpinUntil({ $capture.Captured -ge 2 -and (Get-Item $path).Length -gt 100 }, 5000) | Should -BeTrue
        $session | Close-TcpSession
        $capture | Stop-PacketCapture
        (Import-PacketCapture $path)[0].Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Syn')
    }

    It 'show a table' {
        $null = Start-PacketCapture (New-PacketWire).A
        Get-PacketCapture | Format-Table | Out-String | Should -Match 'wire'
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Id = 'CaptureNotFound'; Case = 'a number that nobody has'; Script = { Get-PacketCapture 4711 } }
        @{ Id = 'CaptureNotFound'; Case = 'one to stop'; Script = { Stop-PacketCapture -Id 4711 } }
        @{ Id = 'CannotWriteFile'; Case = 'a folder that is not there'; Script = { Start-PacketCapture (New-PacketWire).A /nowhere/at/all.pcapng } }
        @{ Id = 'InvalidArgument'; Case = 'simulated time'; Script = { $pair = New-TestPair; Start-PacketCapture -Stack $pair.Client } }
        @{ Id = 'InvalidFilter'; Case = 'no filter'; Script = { Start-PacketCapture (New-PacketWire).A -Filter 'tcp prt 80' } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }
}

Describe 'New-PacketTunnel' -Tag Root -Skip:([bool] $obstacle) {
    It 'is a reflector of pings in a pipeline, and leaves nothing behind' {
        $place = New-LabNamespace
        try {
            $tun = New-PacketTunnel 10.66.0.1/24 -NetworkNamespace $place.Name
            $ping = Start-LabProcess $place ping -c 3 -i 0.2 -W 10 10.66.0.2
            Receive-RawPacket $tun.Name -Filter 'icmp' -Count 3 -TimeoutSec 10 | ForEach-Object {
                $_.IP.Source, $_.IP.Destination = $_.IP.Destination, $_.IP.Source
                $_.Icmp.Type = 0
                $_
            } | Send-RawPacket -Link $tun
            $ping.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
            $ping.Output | Should -Match ' 0% packet loss'
            $tun | Remove-PacketTunnel
            (Invoke-LabCommand $place ip link).Output | Should -Not -Match 'tcptools'
        }
        finally { Remove-LabNamespace $place }
    }
}

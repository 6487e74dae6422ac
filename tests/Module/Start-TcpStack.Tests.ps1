. $PSScriptRoot/common.ps1

Describe 'Start-TcpStack' {
    AfterEach { Remove-TestStack }

    It 'makes the first stack the default, and another only with -Default' {
        $wire = New-PacketWire
        $a = Start-TcpStack -Link $wire.A -Name a
        $b = Start-TcpStack -Link $wire.B -Name b
        (Get-TcpStack -Default).Name | Should -Be a
        $other = New-PacketWire
        $null = Start-TcpStack -Link $other.A -Name c -Default
        (Get-TcpStack -Default).Name | Should -Be c
        $a.Addresses[0].ToString() | Should -Be '10.0.0.1/24'
        $b.Addresses[0].ToString() | Should -Be '10.0.0.2/24'
    }

    It 'takes a link from the pipeline and several addresses' {
        $stack = (New-PacketWire).A | Start-TcpStack 10.1.0.1/16, 10.2.0.1
        $stack.Addresses | ForEach-Object ToString | Should -Be '10.1.0.1/16', '10.2.0.1/24'
        $stack.Mode | Should -Be Threaded
    }

    It 'repeats itself exactly with a seed' {
        $runs = 1..2 | ForEach-Object {
            $pair = New-TestPair -Wire @{ Loss = 0.2 } -Client @{ Trace = $true }
            $null = Start-TcpListener 80 -Stack server
            Open-TcpSession $pair.Address 80 | Send-TcpData 'hello' -Wait
            ($pair.Client.Trace.Snapshot() | ForEach-Object ToString) -join "`n"
            Remove-TestStack
        }
        $runs[0] | Should -Not -BeNullOrEmpty
        $runs[0] | Should -BeExactly $runs[1]
    }

    It 'applies a profile and options' {
        $stack = Start-TcpStack -Link (New-PacketWire).A -Profile FreeBSD -Option @{ SynRetries = 2; TimeWait = '5s'; DelayedAck = $false }
        $stack.Options.Tcp.Profile | Should -Be FreeBSD
        $stack.Options.Tcp.SynRetries | Should -Be 2
        $stack.Options.Tcp.TimeWait | Should -Be ([timespan]::FromSeconds(5))
        $stack.Options.Tcp.DelayedAck | Should -BeFalse
    }

    It 'captures what passes' {
        $path = Join-Path $TestDrive 'all.pcap'
        $pair = New-TestPair -Client @{ CapturePath = $path }
        $null = Start-TcpListener 80 -Stack server
        Open-TcpSession $pair.Address 80 | Close-TcpSession -Abort
        Remove-TestStack
        if (Get-Command tshark -ErrorAction Ignore) {
            (tshark -r $path -T fields -e tcp.flags.syn 2>$null).Count | Should -BeGreaterThan 3
        }
        (Get-Item $path).Length | Should -BeGreaterThan 200
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'InvalidArgument'; Case = 'manual and virtual at once'; Script = { Start-TcpStack -Link (New-PacketWire).A -Manual -Virtual } }
        @{ Id = 'InvalidArgument'; Case = 'an option that does not exist'; Script = { Start-TcpStack -Link (New-PacketWire).A -Option @{ Nonsense = 1 } } }
        @{ Id = 'InvalidArgument'; Case = 'an option of the wrong kind'; Script = { Start-TcpStack -Link (New-PacketWire).A -Option @{ SynRetries = 'many' } } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a wire instead of one of its ends'; Script = { Start-TcpStack -Link (New-PacketWire) } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'text that is no address'; Script = { Start-TcpStack 10.9.0 -Link (New-PacketWire).A } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'an impairment of the wrong kind'; Script = { Start-TcpStack -Link (New-PacketWire).A -Impairment @{ Loss = 2 } } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
        Get-TcpStack | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        Start-TcpStack -Link (New-PacketWire).A -WhatIf
        Get-TcpStack | Should -BeNullOrEmpty
    }

    It 'completes impairments and options' {
        Get-Completion 'Start-TcpStack -Impairment ' | Should -Contain '@{ Loss = 0.02 }'
        Get-Completion 'Start-TcpStack -Option ' | Should -Contain '@{ SynRetries = 6 }'
        Get-Completion 'Start-TcpStack -Profile F' | Should -Be FreeBSD
    }
}

Describe 'Start-TcpStack without rights' -Skip:($RootObstacle -eq 'no /dev/net/tun' -or ((id -u) -eq 0 -and -not (Get-Command setpriv -ErrorAction Ignore))) {
    It 'reports NotPermitted with advice' {
        $script = "Import-Module '$ModuleManifest'; try { Start-TcpStack -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.CategoryInfo.Category; `$_.ErrorDetails.RecommendedAction }"
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        $without = (id -u) -eq 0 ? @('setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-all', $pwsh) : @($pwsh)
        $command, $arguments = $without
        $id, $category, $advice = & $command @arguments -NoProfile -NonInteractive -Command $script
        $id | Should -BeLike 'NotPermitted,*'
        $category | Should -Be PermissionDenied
        $advice | Should -Not -BeNullOrEmpty
    }
}

Describe 'Start-TcpStack on a TUN device' -Tag Root -Skip:([bool]$RootObstacle) {
    BeforeAll {
        . $PSScriptRoot/../Lab/Lab.ps1
        $place = New-LabNamespace
    }
    AfterAll { Remove-LabNamespace $place }
    AfterEach { Remove-TestStack }

    It 'talks with the kernel, which can be seen in a capture' {
        $stack = Start-TcpStack -Tun -Address 10.99.0.2/24 -PeerAddress 10.99.0.1 -NetworkNamespace $place.Name
        $null = Start-LabServer $place 10.99.0.1 7 Echo
        $session = Open-TcpSession 10.99.0.1 7
        $session | Send-TcpData 'through the kernel' -PassThru | Close-TcpSession -HalfClose
        $session | Receive-TcpData -All -AsString | Should -Be 'through the kernel'
        $session | Close-TcpSession
        $stack | Stop-TcpStack
        (Invoke-LabCommand $place ip -brief link).Output | Should -Not -Match 'tcptools'
    }

    It 'reports ConnectionRefused from the kernel' {
        $null = Start-TcpStack -Address 10.99.0.2/24 -NetworkNamespace $place.Name
        Get-ErrorId { Open-TcpSession 10.99.0.1 81 -TimeoutSec 5 } | Should -Be ConnectionRefused
    }

    It 'reports LinkInUse for a device that exists' {
        $null = Start-TcpStack -Address 10.99.1.2/24 -NetworkNamespace $place.Name -InterfaceName lab0
        Get-ErrorId { Start-TcpStack -Address 10.99.2.2/24 -NetworkNamespace $place.Name -InterfaceName lab0 } | Should -Be LinkInUse
    }

    It 'reports LinkInUse for an address that the kernel has, and TunUnavailable without the device node' {
        $null = Start-TcpStack -Address 10.99.3.2/24 -NetworkNamespace $place.Name
        Get-ErrorId { Start-TcpStack -Address 10.99.3.3/24 -NetworkNamespace $place.Name } | Should -Be LinkInUse
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        $script = "Import-Module '$ModuleManifest'; try { Start-TcpStack -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId }"
        unshare --mount sh -c 'mount -t tmpfs none /dev/net && exec "$@"' sh $pwsh -NoProfile -NonInteractive -Command $script |
            Should -BeLike 'TunUnavailable,*'
    }

    It 'finds a free network when none is named' {
        $a = Start-TcpStack -NetworkNamespace $place.Name
        $b = Start-TcpStack -NetworkNamespace $place.Name
        $a.Addresses[0].ToString() | Should -Not -Be $b.Addresses[0].ToString()
    }
}

. $PSScriptRoot/common.ps1

Describe 'Set-PacketImpairment' {
    AfterEach { Remove-TestStack }

    It 'changes what is named and leaves the rest' {
        $wire = New-PacketWire -Delay 10ms
        $wire | Set-PacketImpairment -Loss 0.5 -Direction Outgoing
        $wire.AToB.Loss | Should -Be 0.5
        $wire.AToB.Delay.TotalMilliseconds | Should -Be 10
        $wire.BToA.Loss | Should -Be 0
        ($wire | Set-PacketImpairment -Clear -PassThru).AToB.Delay | Should -Be ([timespan]::Zero)
    }

    It 'works on a stack that was started for it' {
        $pair = New-TestPair -Client @{ Impairment = @{} }
        $null = Start-TcpListener 80 -Stack server
        $pair.Client | Set-PacketImpairment -Loss 1
        Get-ErrorId { Open-TcpSession $pair.Address 80 -TimeoutSec 3 } | Should -Be TimedOut
        Set-PacketImpairment $pair.Client -Clear
        (Open-TcpSession $pair.Address 80).State | Should -Be Established
    }

    It 'takes a whole impairment as a hashtable' {
        $wire = New-PacketWire
        $wire | Set-PacketImpairment -Impairment @{ Rate = 1e6; Reorder = 0.1 } -Mtu 1000
        $wire.AToB.Rate | Should -Be 1000000
        $wire.AToB.Mtu | Should -Be 1000
    }

    It 'reports ImpairmentNotAvailable where there is no place for it' {
        $pair = New-TestPair
        Get-ErrorId { $pair.Server | Set-PacketImpairment -Loss 1 } | Should -Be ImpairmentNotAvailable
        Get-ErrorId { 'text' | Set-PacketImpairment -Loss 1 } | Should -Be ImpairmentNotAvailable
    }

    It 'completes directions and impairments' {
        Get-Completion 'Set-PacketImpairment -Direction ' | Should -Be Both, Incoming, Outgoing
        Get-Completion 'Set-PacketImpairment -Impairment ' | Should -Contain "@{ Delay = '20ms' }"
    }
}

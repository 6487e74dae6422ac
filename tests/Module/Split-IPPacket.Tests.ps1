. $PSScriptRoot/common.ps1

Describe 'Split-IPPacket' {
    BeforeAll {
        function New-TestPacket([int] $Length = 92) {
            New-IPPacket 10.0.0.2 10.0.0.1 -Identification 7 | New-UdpDatagram 9 -Data ('x' * $Length)
        }
    }

    It 'cuts a hundred bytes by <Size> into thirteen' -ForEach @(@{ Size = 8 }, @{ Size = 15 }, @{ Size = 1 }) {
        $fragments = @(New-TestPacket | Split-IPPacket -Size $Size)
        $fragments.Count | Should -Be 13
        $fragments.IP.FragmentOffset | Should -Be (0..12 | ForEach-Object { 8 * $_ })
        @($fragments.IP.MoreFragments | Where-Object { $_ }).Count | Should -Be 12
    }

    It 'cuts for an MTU, 1500 by default, and passes what fits' {
        @(New-TestPacket 3000 | Split-IPPacket).Count | Should -Be 3
        @(New-TestPacket 3000 | Split-IPPacket 1000).Count | Should -Be 4
        $packet = New-TestPacket
        [object]::ReferenceEquals(($packet | Split-IPPacket), $packet) | Should -BeTrue
    }

    It 'obeys DF unless forced' {
        $packet = New-TestPacket 3000
        $packet.IP.DontFragment = $true
        Get-ErrorId { $packet | Split-IPPacket -ErrorAction Stop } | Should -Be InvalidArgument
        @($packet | Split-IPPacket -Force).Count | Should -Be 3
    }

    It 'takes stretches as they are' {
        $fragments = @(New-TestPacket 40 | Split-IPPacket -Range 0-24, '16-48', '8-16.', '0-8+')
        $fragments.IP.FragmentOffset | Should -Be 0, 16, 8, 0
        $fragments.IP.MoreFragments | Should -Be $true, $false, $false, $true
        { New-TestPacket | Split-IPPacket -Range 4-8 } | Should -Throw
    }

    It 'sets other data beside the packet''s own' {
        $fragments = @(New-TestPacket 16 | Split-IPPacket -Size 8 -Overlap ('y' * 24))
        $fragments.Count | Should -Be 6
        $fragments.IP.MoreFragments | Should -Be $true, $true, $true, $true, $true, $false
        ($fragments | Join-IPPacket -OverlapPolicy Last -WarningAction Ignore).Payload.Text | Should -Be ('x' * 16)
        [System.Text.Encoding]::ASCII.GetString(($fragments | Join-IPPacket -OverlapPolicy First -WarningAction Ignore).ToBytes()[20..43]) | Should -Be ('y' * 24)
    }

    It 'says which packet it is' {
        @(New-TestPacket 3000 | Split-IPPacket -Identification 99).IP.Identification | Should -Be 99, 99, 99
    }
}

. $PSScriptRoot/common.ps1

# Every example of about_TcpTools_Probing runs and gives what it says.

BeforeDiscovery {
    $page = Get-Content -Raw "$PSScriptRoot/../../docs/en-US/about_TcpTools_Probing.md"
    $recipes = [regex]::Matches($page, '(?s)## ([A-Z][^\n]*)\n[^#]*?```powershell\n(.*?)```') | ForEach-Object {
        @{ Title = $_.Groups[1].Value; Code = $_.Groups[2].Value }
    }
}

Describe 'about_TcpTools_Probing' {
    BeforeAll {
        $line = New-PacketWire -Medium Ethernet
        $null = Start-PacketResponder -Arp -Address 10.5.0.0/28 -Link $line.B
        $wire = New-PacketWire
        $server = Start-TcpStack 10.9.0.1/24 -Link $wire.A
        $client = Start-TcpStack 10.9.0.2/24 -Link $wire.B -Default
        $null = Start-TcpListener 7 -Stack $server
    }

    AfterAll {
        Get-PacketResponder | Stop-PacketResponder
        Remove-TestStack
    }

    It '<Title>' -ForEach $recipes {
        $output = & ([scriptblock]::Create($Code)) | Out-String
        $promise = [regex]::Match($Code, 'prints: (.*?)\s*(\n|$)').Groups[1].Value
        $promise | Should -Not -BeNullOrEmpty
        $output | Should -Match ([regex]::Escape($promise))
    }
}
